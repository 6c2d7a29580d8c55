using Blindspot.Analysis.Signals;
using Blindspot.Analysis.Stacks;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor;

/// <summary>What the rules decide on, gathered once.</summary>
public sealed record DoctorEvidence
{
    public required StacksReport Stacks { get; init; }

    public required SignalsReport Signals { get; init; }

    /// <summary>The first look.</summary>
    public required ProcessObservation First { get; init; }

    /// <summary>A look some time later; null for what has no second one (a core, a saved snapshot).</summary>
    public ProcessObservation? Second { get; init; }

    /// <summary>What the runtime says of its own memory; null where that is not known.</summary>
    public RuntimeMemory? RuntimeMemory { get; init; }

    /// <summary>What is mapped.</summary>
    public IReadOnlyList<MemoryMapping> Mappings { get; init; } = [];

    /// <summary>Interrupting tasks by signals was switched off; null where that is not known.</summary>
    public bool? PreemptionIsOff { get; init; }

    /// <summary>The process has native code besides its runtime's (Go's cgo).</summary>
    public bool HasForeignCode { get; init; }

    /// <summary>Threads that wait for a lock in native code, and who holds it, as the lock's own words say.</summary>
    public IReadOnlyList<LockWait> LockWaits { get; init; } = [];

    /// <summary>How people call the runtime; null for none.</summary>
    public RuntimeWords? Words { get; init; }

    /// <summary>Time between the two looks; zero without a second one.</summary>
    public TimeSpan Interval => Second is { } second ? second.Time - First.Time : TimeSpan.Zero;

    /// <summary>
    /// Whether a thread ran between the looks, or would have if there had been a processor for it; null where that is not
    /// known.
    /// </summary>
    public bool? HasRun(int tid) => LoadOf(tid) is not { } load ? null
        : load > 0 || First.FindThread(tid)?.State == 'R' || Second?.FindThread(tid)?.State == 'R';

    /// <summary>CPU time that a thread used between the looks, as a share of one processor; null where not known.</summary>
    public double? LoadOf(int tid)
    {
        if (Second is null || Interval <= TimeSpan.Zero || First.FindThread(tid)?.CpuTime() is not { } before || Second.FindThread(tid)?.CpuTime() is not { } after)
        {
            return null;
        }

        return Math.Max(0, (after - before) / Interval);
    }
}
