namespace Blindspot.Image.Dwarf.Lines;

/// <summary>A file of a line table: where its name begins, and which directory it is in.</summary>
internal readonly record struct LineFile(Units.AttributeValue Name, int Directory);
