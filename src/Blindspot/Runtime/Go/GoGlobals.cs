using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>Where the runtime's global variables lie in the target. Zero addresses stand for variables that were not found.</summary>
public sealed record GoGlobals
{
    /// <summary>runtime.allgs, a slice of every g there ever was.</summary>
    public TargetAddress AllGs { get; init; }

    /// <summary>runtime.allm, the head of the list of all Ms.</summary>
    public TargetAddress AllM { get; init; }

    /// <summary>runtime.allp, a slice of the Ps; its length is GOMAXPROCS.</summary>
    public TargetAddress AllP { get; init; }

    /// <summary>runtime.sched.</summary>
    public TargetAddress Sched { get; init; }

    /// <summary>runtime.waitReasonStrings.</summary>
    public TargetAddress WaitReasonStrings { get; init; }

    /// <summary>Where a thread's current g lies, relative to its thread pointer (fsbase); null if it was not found.</summary>
    public long? ThreadLocalG { get; init; }

    /// <summary>The program was built with cgo.</summary>
    public bool IsCgo { get; init; }

    /// <summary>How they were found: "symbols", "code" (by disassembling functions of the runtime), or both.</summary>
    public required string Source { get; init; }
}
