namespace Blindspot.Image;

/// <summary>One function at an address, as debug information or a runtime's tables tell it; several for one address when calls were inlined there.</summary>
/// <param name="Function">The name as the linker knows it (mangled) or as the runtime prints it.</param>
/// <param name="File">Source file with its directory as recorded; null when not known.</param>
/// <param name="Line">1-based; 0 when not known.</param>
/// <param name="IsInlined">This call was inlined into the next frame of the list.</param>
public readonly record struct SourceFrame(string Function, string? File, int Line, bool IsInlined);
