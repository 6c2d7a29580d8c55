using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;

namespace Blindspot.Analysis.Stacks;

/// <summary>
/// Every thread and task of a snapshot with its stack. Frames and stacks are shared tables: a stack is a list of
/// indexes into <see cref="Frames"/>, leaf first; threads and tasks hold an index into <see cref="Stacks"/>.
/// </summary>
public sealed record StacksReport
{
    public required TargetDescription Target { get; init; }

    public required IReadOnlyList<ReportFrame> Frames { get; init; }

    public required IReadOnlyList<ReportStack> Stacks { get; init; }

    public required IReadOnlyList<ReportThread> Threads { get; init; }

    public required IReadOnlyList<ReportTask> Tasks { get; init; }

    /// <summary>Null for a process without a runtime that we know.</summary>
    public ReportScheduler? Scheduler { get; init; }

    public required UnwindQuality Quality { get; init; }

    public required IReadOnlyList<Gap> Gaps { get; init; }
}

/// <summary>One function at one address; the same address has several where calls were inlined.</summary>
public sealed record ReportFrame(SymbolFrame Symbol, TargetAddress Address, FoundBy FoundBy);

/// <param name="Frames">Indexes into the report's frames, leaf first.</param>
/// <param name="EndDetail">A sentence on an end that is not complete; else null.</param>
public sealed record ReportStack(IReadOnlyList<int> Frames, StackEnd End, string? EndDetail);

/// <summary>What a thread is, at the time it was seen.</summary>
public enum ThreadKind
{
    /// <summary>Of the runtime, running its own language or its scheduler, or parked by it.</summary>
    Runtime,

    /// <summary>Of the runtime, inside C that a task called.</summary>
    InC,

    /// <summary>Made by C, never seen by the runtime or back in C.</summary>
    Foreign,

    /// <summary>Made by C, inside the runtime now (a callback).</summary>
    ForeignInRuntime,

    /// <summary>Of a process without a runtime that we know.</summary>
    Native,
}

/// <param name="Task">Id of the task that is on the thread, through whatever C calls; null if none.</param>
/// <param name="LockedTask">Id of the task that is locked to it; null if none.</param>
/// <param name="IsIdle">Parked by the runtime with nothing to do.</param>
/// <param name="Stack">Index into the report's stacks.</param>
public sealed record ReportThread(
    int Tid,
    int InnerTid,
    string Name,
    ThreadKind Kind,
    char State,
    long? Task,
    long? LockedTask,
    bool IsIdle,
    TimeSpan? UserTime,
    TimeSpan? SystemTime,
    ulong? BlockedSignals,
    Consistency Consistency,
    int Stack);

/// <param name="Runtime">The module that holds its runtime, where the process has several; else null.</param>
/// <param name="Thread">Tid (ours) of the thread it is on; null when on none.</param>
/// <param name="LockedThread">Tid (ours) of the thread it is locked to.</param>
/// <param name="IsInC">Its innermost frame is C.</param>
/// <param name="CreatedBy">Function that created it; null for the first.</param>
/// <param name="Stack">Index into the report's stacks.</param>
public sealed record ReportTask(
    long Id,
    string Kind,
    string? Runtime,
    string Status,
    string? WaitReason,
    double? WaitSeconds,
    int? Thread,
    int? LockedThread,
    bool IsInC,
    bool IsSystem,
    ReportCreator? CreatedBy,
    IReadOnlyList<KeyValuePair<string, string>> Labels,
    Consistency Consistency,
    int Stack);

public sealed record ReportCreator(string Function, string? File, int Line, long? Task);

/// <param name="ThreadsRunning">Threads of the runtime that run its language.</param>
/// <param name="ThreadsInC">Threads of the runtime that are inside C.</param>
/// <param name="ThreadsIdle">Threads of the runtime that are parked.</param>
/// <param name="ThreadsLocked">Threads that a task is locked to.</param>
/// <param name="ThreadsBlockedInC">Threads that exist only because a C call that blocks holds them.</param>
public sealed record ReportScheduler(
    int MaxProcessors,
    IReadOnlyList<ReportProcessor> Processors,
    int RunQueue,
    int ThreadsRunning,
    int ThreadsInC,
    int ThreadsIdle,
    int ThreadsLocked,
    int ThreadsBlockedInC,
    bool StopTheWorldPending);

/// <param name="Thread">Tid (ours) of the thread it is bound to; null if none.</param>
public sealed record ReportProcessor(int Id, string Status, int RunQueue, int? Thread);

/// <param name="Stacks">Stacks unwound, of threads and tasks.</param>
/// <param name="Complete">Those that reached the start of their thread or task.</param>
/// <param name="Disagreements">Places where two sources of one value differed.</param>
public sealed record UnwindQuality(int Stacks, int Complete, int Disagreements);
