namespace Blindspot.Cli.Commands;

/// <summary>What <c>cpu</c> is to do.</summary>
/// <param name="Target">What to look at: a live process.</param>
/// <param name="Frequency">Samples a second of each processor.</param>
/// <param name="Duration">How long to sample.</param>
/// <param name="Threads">Only these threads; all where empty.</param>
internal sealed record CpuRequest(TargetRequest Target, int Frequency, TimeSpan Duration, int[] Threads);
