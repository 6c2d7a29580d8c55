namespace Blindspot.Image.Dwarf.Lines;

/// <summary>A run of rows with rising addresses (DWARF 5, section 6.2.5).</summary>
/// <param name="Start">Address of its first row.</param>
/// <param name="End">Behind its last instruction.</param>
/// <param name="FirstRow">Index of its first row.</param>
/// <param name="RowCount">Number of rows, the one that ends it not counted.</param>
internal readonly record struct LineSequence(ulong Start, ulong End, int FirstRow, int RowCount);
