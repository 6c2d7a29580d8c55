using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>What a process does on one signal (sigaction(2)), as the kernel keeps it.</summary>
/// <param name="Signal">1 to 64.</param>
/// <param name="Handler">Address of the handler; 0 for the default action, 1 for ignored.</param>
/// <param name="Flags">SA_*.</param>
/// <param name="Restorer">Where a handler returns to; 0 for none.</param>
/// <param name="Mask">Blocked while it runs: bit n-1 for signal n.</param>
public readonly record struct SignalDisposition(int Signal, TargetAddress Handler, ulong Flags, TargetAddress Restorer, ulong Mask);
