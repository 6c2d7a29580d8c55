namespace Blindspot.Target.Live;

/// <summary>
/// What tells whether a thread ran between two looks at it. In each look "is it running" is read first, then the counts,
/// and the registers last. If it was on no processor both times and the counts are equal, it did not run in between:
/// it would have been switched out again, and that is counted before it leaves the processor. "Sleeping" alone proves
/// nothing, since a thread is marked so while it still runs.
/// </summary>
/// <param name="IsRunning">It was on a processor, or that could not be told.</param>
/// <param name="Switches">Times it was switched out, voluntarily or not.</param>
/// <param name="Runs">Times it was put on a processor; 0 where the kernel does not count.</param>
/// <param name="RunNanoseconds">Processor time in all.</param>
internal readonly record struct RunMark(bool IsRunning, ulong Switches, ulong Runs, ulong RunNanoseconds)
{
    internal bool ProvesStillSince(in RunMark earlier) =>
        !earlier.IsRunning && !IsRunning
        && earlier.Switches == Switches && earlier.Runs == Runs && earlier.RunNanoseconds == RunNanoseconds;
}
