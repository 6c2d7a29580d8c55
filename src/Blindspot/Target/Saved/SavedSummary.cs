namespace Blindspot.Target.Saved;

/// <summary>What was written into a snapshot's file.</summary>
/// <param name="MemoryBytes">Of the process's memory, before compression.</param>
/// <param name="FileBytes">Of mapped files (unwind tables, function tables), before compression.</param>
/// <param name="Threads">How many threads.</param>
/// <param name="UnreadableBytes">Of stacks and heaps that were wanted and could not be read.</param>
public sealed record SavedSummary(ulong MemoryBytes, ulong FileBytes, int Threads, ulong UnreadableBytes);
