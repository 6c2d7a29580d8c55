namespace Blindspot.Image.Dwarf.Frames;

/// <summary>What encoded pointers can be relative to.</summary>
/// <param name="Section">Address of the section that holds the pointer.</param>
/// <param name="Text">Address of .text; null where not known.</param>
/// <param name="Data">In .eh_frame the global offset table, in .eh_frame_hdr that section itself; null where not known.</param>
internal readonly record struct PointerBases(ulong Section, ulong? Text, ulong? Data);
