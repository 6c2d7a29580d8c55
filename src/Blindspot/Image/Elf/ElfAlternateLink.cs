using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>.gnu_debugaltlink: the file (made by dwz) whose .debug_info and .debug_str this one's DWARF refers to.</summary>
public readonly record struct ElfAlternateLink(string Path, BuildId BuildId);
