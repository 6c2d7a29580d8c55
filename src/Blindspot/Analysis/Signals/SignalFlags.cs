namespace Blindspot.Analysis.Signals;

/// <summary>The flags of sigaction(2) on x86-64 (include/uapi/asm-generic/signal-defs.h).</summary>
internal static class SignalFlags
{
    public const ulong OnStack = 0x0800_0000;

    private static readonly (ulong Bit, string Name)[] Names =
    [
        (0x1, "SA_NOCLDSTOP"), (0x2, "SA_NOCLDWAIT"), (0x4, "SA_SIGINFO"), (0x400, "SA_UNSUPPORTED"), (0x800, "SA_EXPOSE_TAGBITS"),
        (0x0400_0000, "SA_RESTORER"), (OnStack, "SA_ONSTACK"), (0x1000_0000, "SA_RESTART"), (0x4000_0000, "SA_NODEFER"), (0x8000_0000, "SA_RESETHAND"),
    ];

    public static IReadOnlyList<string> Of(ulong flags)
    {
        var words = new List<string>();
        foreach ((ulong bit, string name) in Names)
        {
            if ((flags & bit) != 0)
            {
                words.Add(name);
                flags &= ~bit;
            }
        }

        if (flags != 0)
        {
            words.Add($"0x{flags:x}");
        }

        return words;
    }
}
