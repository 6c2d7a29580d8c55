namespace Blindspot.Model;

/// <summary>The scheduler's state.</summary>
/// <param name="MaxProcessors">GOMAXPROCS.</param>
/// <param name="Processors">Every P.</param>
/// <param name="GlobalRunQueue">Tasks in the global run queue.</param>
/// <param name="IdleWorkers">Threads of the runtime that are parked.</param>
/// <param name="SpinningWorkers">Threads of the runtime that look for work.</param>
/// <param name="StopTheWorldPending">The world is stopped, or waited for to stop (Go's sched.gcwaiting).</param>
public sealed record RuntimeScheduler(
    int MaxProcessors,
    IReadOnlyList<RuntimeProcessor> Processors,
    int GlobalRunQueue,
    int IdleWorkers,
    int SpinningWorkers,
    bool StopTheWorldPending);
