using Blindspot.Primitives;

namespace Blindspot.Model;

/// <summary>What a runtime does with signals, and needs of them.</summary>
public sealed record RuntimeSignals
{
    /// <summary>Signals are numbered from 1 to this.</summary>
    public const int Last = 64;

    /// <summary>"go", "dotnet".</summary>
    public required string Kind { get; init; }

    public required RuntimeWords Words { get; init; }

    /// <summary>Its entry points for signals, with their names.</summary>
    public IReadOnlyDictionary<TargetAddress, string> Handlers { get; init; } = new Dictionary<TargetAddress, string>();

    /// <summary>Files whose handlers all are its own, where these are not known one by one.</summary>
    public IReadOnlyList<Image.Module> HandlerModules { get; init; } = [];

    /// <summary>[n-1]: signal n.</summary>
    public required IReadOnlyList<RuntimeSignal> Signals { get; init; }

    /// <summary>Its code may run on stacks that are too small for a signal frame, so that every handler must ask for the alternate stack.</summary>
    public required bool NeedsAlternateStack { get; init; }

    /// <summary>The smallest stack that its code runs on, in bytes; 0 where handlers need no alternate stack.</summary>
    public int SmallestStack { get; init; }

    /// <summary>Bytes that its handlers need on an alternate stack besides the kernel's frame.</summary>
    public int HandlerStack { get; init; }

    /// <summary>Interrupting tasks by a signal was switched off; null where that is not known.</summary>
    public bool? PreemptionIsOff { get; init; }

    public RuntimeSignal this[int signal] => Signals[signal - 1];

    /// <summary>The handler is one of this runtime's own.</summary>
    public bool Owns(TargetAddress handler, Image.ModuleMap modules) =>
        Handlers.ContainsKey(handler) || (HandlerModules.Count > 0 && modules.Find(handler) is { } module && HandlerModules.Contains(module));
}
