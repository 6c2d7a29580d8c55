using Blindspot.Target;

namespace Blindspot.Analysis.Signals;

/// <summary>What is known of what the kernel does on a signal.</summary>
/// <param name="Exact">Null where only is known whether there is a handler.</param>
internal readonly record struct SignalState(int Number, DispositionKind Kind, SignalDisposition? Exact);
