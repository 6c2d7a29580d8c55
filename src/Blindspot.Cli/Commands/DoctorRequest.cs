namespace Blindspot.Cli.Commands;

/// <summary>What <c>doctor</c> is to do.</summary>
/// <param name="Target">What to look at.</param>
/// <param name="Exact">Stop the threads that run, one at a time, so that their stacks are exact.</param>
/// <param name="Saving">Where what was read is to be saved; null for nowhere.</param>
internal sealed record DoctorRequest(TargetRequest Target, bool Exact, SnapshotSaving? Saving);
