namespace Blindspot.Image.Dwarf.Units;

/// <summary>The shape of an entry: its kind and which attributes it has in which forms (DWARF 5, section 7.5.3).</summary>
/// <param name="Tag">The kind; <see cref="DwarfTag.None"/> where the table has no such code.</param>
/// <param name="HasChildren">Entries below it follow.</param>
/// <param name="HasCode">It has DW_AT_low_pc or DW_AT_ranges.</param>
/// <param name="First">Index of its first attribute in the table's list.</param>
/// <param name="Count">Number of attributes.</param>
/// <param name="Size">Bytes of all its attributes together, <see cref="FormEncoding.Variable"/> where they differ from entry to entry.</param>
internal readonly record struct Abbreviation(DwarfTag Tag, bool HasChildren, bool HasCode, int First, int Count, int Size);
