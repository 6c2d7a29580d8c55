namespace Blindspot.Collect;

/// <summary>
/// Where a runtime that changes stacks keeps what it takes to copy both of a thread: offsets in bytes. A task is what has
/// a stack of its own (Go's g), a worker what the runtime keeps of a thread (Go's m).
/// </summary>
public sealed record RuntimeStackHints
{
    /// <summary>The offset of something that this version does not have.</summary>
    public const int Absent = -1;

    /// <summary>From the thread pointer: the task whose stack the thread is on, the one of the thread itself included.</summary>
    public required int ThreadTask { get; init; }

    public required int TaskWorker { get; init; }

    public required int TaskStackLow { get; init; }

    public required int TaskStackHigh { get; init; }

    /// <summary>Saved stack pointer: where the task's stack was left for another.</summary>
    public required int TaskSp { get; init; }

    public required int TaskPc { get; init; }

    public required int TaskBp { get; init; }

    public required int TaskId { get; init; }

    /// <summary>A pointer to the task's profiler labels.</summary>
    public int TaskLabels { get; init; } = Absent;

    /// <summary>The task that the worker runs.</summary>
    public required int WorkerTask { get; init; }

    /// <summary>The one whose stack is the thread's own.</summary>
    public required int WorkerOwnTask { get; init; }

    /// <summary>Four bytes: calls of native code in progress.</summary>
    public int WorkerForeignDepth { get; init; } = Absent;

    /// <summary>One byte: native code made the thread.</summary>
    public int WorkerIsForeign { get; init; } = Absent;

    /// <summary>Where the task's stack was left for a call into the vDSO; zero when it was not.</summary>
    public int WorkerVdsoSp { get; init; } = Absent;
}
