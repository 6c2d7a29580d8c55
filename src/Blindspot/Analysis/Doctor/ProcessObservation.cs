using Blindspot.Target;

namespace Blindspot.Analysis.Doctor;

/// <summary>What of a process changes from one look to the next.</summary>
/// <param name="Time">Since some moment that is the same for all looks of a process.</param>
/// <param name="Threads">With their CPU times and states.</param>
/// <param name="Figures">What the kernel counts of the process as a whole.</param>
public sealed record ProcessObservation(TimeSpan Time, IReadOnlyList<ThreadSnapshot> Threads, ProcessFigures Figures)
{
    private readonly Dictionary<int, ThreadSnapshot> _byTid = Threads.ToDictionary(static thread => thread.Tid);

    /// <summary>Null for a thread that was not there.</summary>
    public ThreadSnapshot? FindThread(int tid) => _byTid.GetValueOrDefault(tid);

    /// <param name="snapshot">What is looked at.</param>
    /// <param name="withRollup">smaps_rollup too, which takes the process's memory map lock for a while.</param>
    public static ProcessObservation Of(Snapshot snapshot, bool withRollup) => new(
        TimeSpan.FromTicks((snapshot.MonotonicNanoseconds ?? 0) / 100),
        [.. snapshot.Threads],
        ProcessFigures.Read(snapshot, withRollup));
}
