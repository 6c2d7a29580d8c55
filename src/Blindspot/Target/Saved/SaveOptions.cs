namespace Blindspot.Target.Saved;

/// <summary>What a saved snapshot is to hold.</summary>
/// <param name="IsFull">All memory that is resident and not just a file's: heaps too.</param>
/// <param name="IsRedacted">No contents of memory, but for addresses and the structure of runtimes.</param>
public sealed record SaveOptions(bool IsFull, bool IsRedacted);
