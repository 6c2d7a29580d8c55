using Blindspot.Primitives;
using Blindspot.Target.Live;

namespace Blindspot.Target;

/// <summary>
/// What the kernel counts of a process as a whole, from its status, stat and smaps_rollup. Each is null where the kernel
/// does not tell or the text cannot be had.
/// </summary>
public sealed record ProcessFigures
{
    private const long Kibibyte = 1024;

    /// <summary>Bytes of anonymous memory that are resident; from Linux 6.2 on too small or too large by 128 KiB for each CPU.</summary>
    public long? AnonymousBytes { get; init; }

    /// <summary>Bytes of mapped files that are resident.</summary>
    public long? FileBytes { get; init; }

    /// <summary>Bytes of shared memory (memfd, tmpfs, System V) that are resident.</summary>
    public long? SharedBytes { get; init; }

    /// <summary>Bytes that are swapped out, without shared memory.</summary>
    public long? SwapBytes { get; init; }

    /// <summary>Bytes of page tables: in no other figure.</summary>
    public long? PageTableBytes { get; init; }

    /// <summary>Bytes of hugetlbfs: in no other figure.</summary>
    public long? HugeTlbBytes { get; init; }

    /// <summary>Bytes that were given back by MADV_FREE and count as resident until the kernel needs them.</summary>
    public long? LazyFreeBytes { get; init; }

    /// <summary>Bytes in transparent huge pages, anonymous ones.</summary>
    public long? AnonymousHugeBytes { get; init; }

    public int? Threads { get; init; }

    /// <summary>CPU time of all its threads, those that have ended too, in hundredths of a second.</summary>
    public TimeSpan? UserTime { get; init; }

    public TimeSpan? SystemTime { get; init; }

    /// <summary>CPU time of the children that it waited for, and theirs.</summary>
    public TimeSpan? ChildUserTime { get; init; }

    public TimeSpan? ChildSystemTime { get; init; }

    /// <summary>Bit n-1 for signal n.</summary>
    public ulong? IgnoredSignals { get; init; }

    /// <summary>Bit n-1 for signal n.</summary>
    public ulong? CaughtSignals { get; init; }

    /// <summary>Those of a snapshot; the gaps say why some are missing (a core has none).</summary>
    /// <param name="withRollup">smaps_rollup too, which takes time: see <see cref="ProcFile.SmapsRollup"/>.</param>
    public static ProcessFigures Read(Snapshot snapshot, bool withRollup) => Parse(
        snapshot.ReadProcFile(ProcFile.Status),
        snapshot.ReadProcFile(ProcFile.Stat),
        withRollup ? snapshot.ReadProcFile(ProcFile.SmapsRollup) : null);

    public static ProcessFigures Parse(ReadOnlyMemory<byte>? status, ReadOnlyMemory<byte>? stat, ReadOnlyMemory<byte>? smapsRollup)
    {
        ReadOnlySpan<byte> own = status is null ? default : status.Value.Span;
        ReadOnlySpan<byte> sums = smapsRollup is null ? default : smapsRollup.Value.Span;
        ProcStat? times = stat is null ? null : TryParseStat(stat.Value.Span);
        return new ProcessFigures
        {
            AnonymousBytes = Size(own, "RssAnon"u8),
            FileBytes = Size(own, "RssFile"u8),
            SharedBytes = Size(own, "RssShmem"u8),
            SwapBytes = Size(own, "VmSwap"u8),
            PageTableBytes = Size(own, "VmPTE"u8),
            HugeTlbBytes = Size(own, "HugetlbPages"u8),
            LazyFreeBytes = Size(sums, "LazyFree"u8),
            AnonymousHugeBytes = Size(sums, "AnonHugePages"u8),
            Threads = (int?)Number(own, "Threads"u8),
            UserTime = Time(times?.UserTicks),
            SystemTime = Time(times?.SystemTicks),
            ChildUserTime = Time(times?.ChildUserTicks),
            ChildSystemTime = Time(times?.ChildSystemTicks),
            IgnoredSignals = Mask(own, "SigIgn"u8),
            CaughtSignals = Mask(own, "SigCgt"u8),
        };
    }

    private static ProcStat? TryParseStat(ReadOnlySpan<byte> text)
    {
        try
        {
            return ProcStat.Parse(text);
        }
        catch (MalformedDataException)
        {
            return null;
        }
    }

    private static TimeSpan? Time(ulong? ticks) => ticks is { } count ? ProcStat.FromTicks(count) : null;

    /// <summary>"1234 kB".</summary>
    private static long? Size(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name) =>
        Number(text, name) is { } size && size <= long.MaxValue / Kibibyte ? (long)size * Kibibyte : null;

    private static ulong? Number(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        int at = 0;
        return ProcText.TryTakeNumber(ProcText.Field(text, name), ref at, out ulong value) ? value : null;
    }

    private static ulong? Mask(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        int at = 0;
        return ProcText.TryTakeHex(ProcText.Field(text, name), ref at, out ulong value) ? value : null;
    }
}
