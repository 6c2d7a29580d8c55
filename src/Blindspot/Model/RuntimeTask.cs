using Blindspot.Arch.X64;
using Blindspot.Primitives;

namespace Blindspot.Model;

/// <summary>A task of a runtime: a goroutine.</summary>
public sealed record RuntimeTask
{
    private readonly SavedRegisters _saved;

    public required long Id { get; init; }

    /// <summary>Address of the runtime's own structure (Go's g); the task's identity inside a snapshot.</summary>
    public required TargetAddress Address { get; init; }

    /// <summary>"goroutine".</summary>
    public required string Kind { get; init; }

    /// <summary>Where a process has several runtimes, which number their tasks each for itself: the module that holds this task's; else null.</summary>
    public string? Runtime { get; init; }

    public required TaskStatus Status { get; init; }

    /// <summary>The runtime's own word for the status, as its dump prints it ("chan receive", "running", "syscall").</summary>
    public required string StatusText { get; init; }

    /// <summary>Why it waits, in the runtime's own words; null when it does not wait.</summary>
    public string? WaitReason { get; init; }

    /// <summary>Seconds it has waited at least; null when unknown (Go notes it at garbage collections only).</summary>
    public double? WaitSeconds { get; init; }

    /// <summary>The thread it is on, as the target's memory names it (innermost PID namespace); null if on none.</summary>
    public int? InnerTid { get; init; }

    /// <summary>The thread it is locked to, or null.</summary>
    public int? LockedInnerTid { get; init; }

    /// <summary>Return address in the function that created it; zero when there is none.</summary>
    public TargetAddress CreatorPc { get; init; }

    public long? CreatorTask { get; init; }

    /// <summary>Its first function.</summary>
    public TargetAddress StartPc { get; init; }

    public IReadOnlyList<KeyValuePair<string, string>> Labels { get; init; } = [];

    /// <summary>
    /// Where to begin unwinding when the task is not on a thread, or when its thread's registers can't be had:
    /// pc, sp and, where saved, bp.
    /// </summary>
    public X64Registers? Saved
    {
        get => _saved.Expand();
        init => _saved = value is { } registers ? new SavedRegisters(registers) : default;
    }

    public required TargetAddress StackLow { get; init; }

    public required TargetAddress StackHigh { get; init; }

    /// <summary>A task that belongs to the runtime itself (Go's system goroutines, which its dump leaves out by default).</summary>
    public bool IsSystem { get; init; }
}
