namespace Blindspot.Image.Dwarf.Functions;

/// <summary>A range of addresses of one call that was inlined (DWARF 5, section 3.3.8).</summary>
/// <param name="Low">First address.</param>
/// <param name="High">First address behind it.</param>
/// <param name="Depth">How deep its entry lies below the function's.</param>
/// <param name="Entry">Where in .debug_info its entry begins.</param>
/// <param name="CallFile">Index into the unit's files; -1 where it does not say.</param>
/// <param name="CallLine">1-based; 0 where it does not say.</param>
internal readonly record struct InlinedCall(ulong Low, ulong High, int Depth, int Entry, int CallFile, int CallLine);
