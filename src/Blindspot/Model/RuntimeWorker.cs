using Blindspot.Primitives;

namespace Blindspot.Model;

/// <summary>A thread as a runtime keeps it (Go's M).</summary>
/// <param name="Address">The runtime's own structure (Go's m).</param>
/// <param name="Id">The runtime's number for it.</param>
/// <param name="InnerTid">Thread id in the target's innermost PID namespace; 0 when it has no thread at present (Go's spare extra Ms).</param>
/// <param name="CurrentTask">Address of the task that runs on it, or zero.</param>
/// <param name="LockedTask">Address of the task that is locked to it, or zero.</param>
/// <param name="IsInForeignCode">It is inside a call to C, as the runtime counts it.</param>
/// <param name="IsBorrowed">It stands for a thread that C made and that has called into the runtime (Go's extra Ms).</param>
/// <param name="IsSpinning">It looks for work.</param>
/// <param name="IsIdle">It is parked with nothing to do.</param>
/// <param name="SignalStackLow">The alternate stack that the runtime made for it; zero where it made none.</param>
/// <param name="SignalStackHigh">First address behind that.</param>
public sealed record RuntimeWorker(
    TargetAddress Address,
    long Id,
    int InnerTid,
    TargetAddress CurrentTask,
    TargetAddress LockedTask,
    bool IsInForeignCode,
    bool IsBorrowed,
    bool IsSpinning,
    bool IsIdle,
    TargetAddress SignalStackLow,
    TargetAddress SignalStackHigh);
