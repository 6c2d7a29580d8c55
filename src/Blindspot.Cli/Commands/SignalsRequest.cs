namespace Blindspot.Cli.Commands;

/// <summary>What <c>signals</c> is to do.</summary>
/// <param name="Target">What to look at.</param>
/// <param name="Saving">Where what was read is to be saved; null for nowhere.</param>
internal sealed record SignalsRequest(TargetRequest Target, SnapshotSaving? Saving);
