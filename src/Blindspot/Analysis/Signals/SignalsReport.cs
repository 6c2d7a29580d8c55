using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;

namespace Blindspot.Analysis.Signals;

/// <summary>What a process does on each signal, what its runtimes need, and what follows.</summary>
public sealed record SignalsReport
{
    public required TargetDescription Target { get; init; }

    /// <summary>[n-1]: signal n, 1 to 64.</summary>
    public required IReadOnlyList<ReportSignal> Signals { get; init; }

    public required IReadOnlyList<SignalThread> Threads { get; init; }

    /// <summary>Runtimes whose needs were looked at ("Go").</summary>
    public required IReadOnlyList<string> Runtimes { get; init; }

    /// <summary>Timers of setitimer(2); null where that is not known.</summary>
    public IReadOnlyList<IntervalTimer>? IntervalTimers { get; init; }

    /// <summary>Timers of timer_create(2); null where that is not known.</summary>
    public IReadOnlyList<PosixTimer>? PosixTimers { get; init; }

    /// <summary>Descriptors of signalfd(2); null where that is not known.</summary>
    public IReadOnlyList<SignalDescriptor>? SignalDescriptors { get; init; }

    /// <summary>Descriptors of pidfd_open(2); null where that is not known.</summary>
    public IReadOnlyList<ProcessDescriptor>? ProcessDescriptors { get; init; }

    /// <summary>Bytes that the kernel writes onto a stack for a signal here (AT_MINSIGSTKSZ); null where that is not known.</summary>
    public ulong? SignalFrameBytes { get; init; }

    public required IReadOnlyList<Gap> Gaps { get; init; }
}

/// <summary>What happens when a signal comes.</summary>
public enum DispositionKind
{
    /// <summary>It could not be read.</summary>
    Unknown,

    Default,

    Ignore,

    Handler,
}

/// <summary>One signal.</summary>
public sealed record ReportSignal
{
    public required int Number { get; init; }

    public required string Name { get; init; }

    public required DispositionKind Disposition { get; init; }

    /// <summary>Null for the default action, for ignored, and where only is known that there is one.</summary>
    public SignalHandler? Handler { get; init; }

    /// <summary>SA_* words; null where not known.</summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>Blocked while the handler runs, bit n-1 for signal n; null where not known.</summary>
    public ulong? Mask { get; init; }

    public TargetAddress? Restorer { get; init; }

    /// <summary>The handler that a runtime installed; null where none did, or that is not known.</summary>
    public string? Expected { get; init; }

    public required SignalVerdict Verdict { get; init; }

    public Severity Severity { get; init; }

    public Certainty Certainty { get; init; } = Certainty.Proved;

    /// <summary>What breaks, in plain words; null where nothing does.</summary>
    public string? Consequence => Harm is null ? StackHarm : StackHarm is null ? Harm : Harm + " " + StackHarm;

    /// <summary>What of that follows from who gets the signal; null where nothing does.</summary>
    public string? Harm { get; init; }

    /// <summary>What of that follows from the stack that its handler runs on; null where nothing does.</summary>
    public string? StackHarm { get; init; }

    /// <summary>Whose code it is; null where the state does not tell it.</summary>
    public SymbolFrame? Culprit { get; init; }

    public string? Advice { get; init; }

    /// <summary>Where it goes, function by function, from a foreign handler to the runtime's; empty for others.</summary>
    public IReadOnlyList<SymbolFrame> Chain { get; init; } = [];

    /// <summary>Tids (ours) of the threads that the verdict is about; empty where it is about the process.</summary>
    public IReadOnlyList<int> Threads { get; init; } = [];

    /// <summary>The program asked its runtime to be told of it; null where not known.</summary>
    public bool? IsWanted { get; init; }
}

/// <param name="Address">Where it begins.</param>
/// <param name="Code">What lies there; its function may have no name.</param>
public sealed record SignalHandler(TargetAddress Address, SymbolFrame Code);
