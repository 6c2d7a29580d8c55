namespace Blindspot.Image.Dwarf.Lines;

/// <summary>From this address on, up to the next row's, code belongs to a line.</summary>
/// <param name="Delta">Address less the start of the sequence.</param>
/// <param name="Line">1-based; 0 for code that belongs to no line.</param>
/// <param name="File">Index into the table's files, as the program counts them.</param>
internal readonly record struct LineRow(uint Delta, int Line, int File);
