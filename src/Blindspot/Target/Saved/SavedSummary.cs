namespace Blindspot.Target.Saved;

/// <summary>What was written into a snapshot's file.</summary>
/// <param name="MemoryBytes">Of the process's memory, before compression.</param>
/// <param name="FileBytes">Of mapped files (unwind tables, function tables), before compression.</param>
/// <param name="Threads">How many threads.</param>
/// <param name="OmittedBytes">Of stacks that were left out since there are too many.</param>
public sealed record SavedSummary(ulong MemoryBytes, ulong FileBytes, int Threads, ulong OmittedBytes);
