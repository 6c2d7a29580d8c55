namespace Blindspot.Target.Live;

/// <summary>The fields of /proc/TID/status that we use (proc_pid_status(5)). A field that the kernel does not have is null.</summary>
internal readonly record struct ProcStatus
{
    internal int? ProcessId { get; private init; }

    /// <summary>Who traces it; 0 for nobody.</summary>
    internal int? TracerPid { get; private init; }

    internal uint? RealUser { get; private init; }

    internal uint? EffectiveUser { get; private init; }

    internal uint? SavedUser { get; private init; }

    /// <summary>Its id in its innermost PID namespace.</summary>
    internal int? InnerTid { get; private init; }

    /// <summary>In how many PID namespaces it has an id, from that of this /proc down to its innermost.</summary>
    internal int? Levels { get; private init; }

    internal ulong? Pending { get; private init; }

    internal ulong? SharedPending { get; private init; }

    internal ulong? Blocked { get; private init; }

    internal ulong? PermittedCapabilities { get; private init; }

    internal ulong? EffectiveCapabilities { get; private init; }

    /// <summary>0 none, 1 strict, 2 filter (seccomp(2)).</summary>
    internal int? Seccomp { get; private init; }

    /// <summary>Return addresses are checked against a second stack (x86_Thread_features, kernel 6.6 and later).</summary>
    internal bool HasShadowStack { get; private init; }

    /// <summary>Voluntary and involuntary together.</summary>
    internal ulong? Switches { get; private init; }

    internal static ProcStatus Parse(ReadOnlySpan<byte> text)
    {
        ulong? voluntary = Number(text, "voluntary_ctxt_switches"u8);
        ulong? involuntary = Number(text, "nonvoluntary_ctxt_switches"u8);
        (int? innerTid, int? levels) = LastNumber(ProcText.Field(text, "NSpid"u8));
        return new ProcStatus
        {
            ProcessId = (int?)Number(text, "Tgid"u8),
            TracerPid = (int?)Number(text, "TracerPid"u8),
            RealUser = (uint?)NumberAt(ProcText.Field(text, "Uid"u8), 0),
            EffectiveUser = (uint?)NumberAt(ProcText.Field(text, "Uid"u8), 1),
            SavedUser = (uint?)NumberAt(ProcText.Field(text, "Uid"u8), 2),
            InnerTid = innerTid,
            Levels = levels,
            Pending = Hex(text, "SigPnd"u8),
            SharedPending = Hex(text, "ShdPnd"u8),
            Blocked = Hex(text, "SigBlk"u8),
            Seccomp = (int?)Number(text, "Seccomp"u8),
            HasShadowStack = ProcText.Field(text, "x86_Thread_features"u8).IndexOf("shstk"u8) >= 0,
            PermittedCapabilities = Hex(text, "CapPrm"u8),
            EffectiveCapabilities = Hex(text, "CapEff"u8),
            Switches = voluntary + involuntary,
        };
    }

    private static ulong? Number(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) => NumberAt(ProcText.Field(text, name), 0);

    private static ulong? NumberAt(ReadOnlySpan<byte> field, int index)
    {
        int at = 0;
        ulong value;
        do
        {
            if (!ProcText.TryTakeNumber(field, ref at, out value))
            {
                return null;
            }
        }
        while (index-- > 0);

        return value;
    }

    private static (int? Last, int? Count) LastNumber(ReadOnlySpan<byte> field)
    {
        int at = 0;
        int count = 0;
        ulong last = 0;
        while (ProcText.TryTakeNumber(field, ref at, out ulong value))
        {
            last = value;
            count++;
        }

        return count == 0 ? (null, null) : ((int)last, count);
    }

    private static ulong? Hex(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        int at = 0;
        return ProcText.TryTakeHex(ProcText.Field(text, name), ref at, out ulong value) ? value : null;
    }
}
