using Blindspot.Target;

namespace Blindspot.Analysis.Signals;

/// <summary>What one thread does with signals.</summary>
/// <param name="Tid">Ours.</param>
/// <param name="Task">Id of the task that it runs; null if none.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Blocked">Bit n-1 for signal n; null when not known.</param>
/// <param name="IsBlockedForNow">The mask is one that a system call set for its own duration (epoll_pwait, ppoll).</param>
/// <param name="Pending">Bit n-1 for signal n, the process's included; null when not known.</param>
/// <param name="AlternateStack">Null when not known.</param>
/// <param name="AlternateStackOwner">"go", a module's file, "[heap]", "[stack]", "anonymous"; null where it has none.</param>
/// <param name="IsSufficient">Handlers of its runtime fit onto it; null where that does not matter or is not known.</param>
/// <param name="Timers">Timers (timer_create) whose signals it gets.</param>
public sealed record SignalThread(
    int Tid,
    string Name,
    long? Task,
    SignalThreadKind Kind,
    ulong? Blocked,
    bool IsBlockedForNow,
    ulong? Pending,
    AlternateStack? AlternateStack,
    string? AlternateStackOwner,
    bool? IsSufficient,
    IReadOnlyList<PosixTimer> Timers);

/// <summary>Whose thread it is.</summary>
public enum SignalThreadKind
{
    /// <summary>Made by a runtime.</summary>
    Runtime,

    /// <summary>Made by C, and called into a runtime (Go's extra Ms).</summary>
    ForeignInRuntime,

    /// <summary>Made by C.</summary>
    Foreign,

    /// <summary>Of a process without a runtime that is known.</summary>
    Native,
}
