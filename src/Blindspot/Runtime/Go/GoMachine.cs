using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>One M, a thread as Go's runtime keeps it (Go: src/runtime/runtime2.go, m). Addresses are zero where there is nothing.</summary>
public sealed record GoMachine
{
    /// <summary>Address of the m.</summary>
    public required TargetAddress Address { get; init; }

    public required long Id { get; init; }

    /// <summary>m.procid: thread id in the target's innermost PID namespace; 0 while no thread has it (spare extra Ms).</summary>
    public required int InnerTid { get; init; }

    /// <summary>The g whose stack is the thread's own.</summary>
    public required TargetAddress G0 { get; init; }

    /// <summary>Bounds of g0's stack: exact for threads of Go's own and, since Go 1.22, of cgo; else a guess of the runtime's.</summary>
    public TargetAddress G0StackLow { get; init; }

    public TargetAddress G0StackHigh { get; init; }

    /// <summary>g0.sched: where the thread's own stack was left for a goroutine's (by gogo through mcall, or cgocallback's saved value).</summary>
    public TargetAddress G0Sp { get; init; }

    public TargetAddress G0Pc { get; init; }

    public TargetAddress G0Bp { get; init; }

    /// <summary>The g of the signal stack.</summary>
    public TargetAddress SignalG { get; init; }

    public TargetAddress SignalStackLow { get; init; }

    public TargetAddress SignalStackHigh { get; init; }

    /// <summary>m.curg as it stands, also when that g is not in use (extra Ms outside of Go).</summary>
    public TargetAddress CurrentG { get; init; }

    /// <summary>m.curg is a goroutine in use.</summary>
    public bool HasTask { get; init; }

    public TargetAddress LockedG { get; init; }

    /// <summary>The p it holds.</summary>
    public TargetAddress Processor { get; init; }

    /// <summary>Non-zero while it calls into the vDSO on its own stack: where the caller's frame lies.</summary>
    public TargetAddress VdsoSp { get; init; }

    public TargetAddress VdsoPc { get; init; }

    /// <summary>m.incgo: in a call to C.</summary>
    public bool IsInCgo { get; init; }

    /// <summary>m.ncgo: calls to C in progress, one in another.</summary>
    public int CgoDepth { get; init; }

    /// <summary>It stands for a thread that C made.</summary>
    public bool IsExtra { get; init; }

    /// <summary>Such a thread, in C with no Go frames on its stack.</summary>
    public bool IsExtraInC { get; init; }

    public bool IsSpinning { get; init; }

    /// <summary>It sleeps on a note of the runtime's.</summary>
    public bool IsBlocked { get; init; }

    /// <summary>It is on the scheduler's list of idle Ms.</summary>
    public bool IsIdle { get; init; }
}
