using Blindspot.Primitives;

namespace Blindspot.Model;

/// <summary>What a runtime does on one signal, as its own memory tells.</summary>
/// <param name="Number">1 to 64.</param>
/// <param name="Use">What it needs it for.</param>
/// <param name="IsHandled">It has installed its handler for it; null where that is not known.</param>
/// <param name="Forward">What was installed before, to which it passes on what is not its own: a handler's address, 0 for the default action, 1 for ignored; null where that is not known.</param>
/// <param name="IsWanted">The program asked to be told of it (signal.Notify); null where that is not known.</param>
public readonly record struct RuntimeSignal(int Number, SignalUse Use, bool? IsHandled, TargetAddress? Forward, bool? IsWanted);
