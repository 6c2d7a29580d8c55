using Blindspot.Primitives;

namespace Blindspot.Analysis.Signals;

/// <summary>How a foreign handler treats the runtime's own.</summary>
/// <param name="Outcome">Whether it calls it.</param>
/// <param name="Reached">The runtime's handler that it calls; zero where it calls none.</param>
/// <param name="Functions">Handlers that the signal is passed on through, the first that gets it first; without the runtime's.</param>
/// <param name="IsReinstalled">It does not call it, but installs it again and lets the signal come a second time.</param>
public sealed record HandlerChain(ChainOutcome Outcome, TargetAddress Reached, IReadOnlyList<TargetAddress> Functions, bool IsReinstalled)
{
    public static HandlerChain Unknown { get; } = new(ChainOutcome.Unknown, TargetAddress.Zero, [], false);
}
