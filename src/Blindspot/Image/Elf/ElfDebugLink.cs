namespace Blindspot.Image.Elf;

/// <summary>.gnu_debuglink: the file that holds the debug information, and the CRC-32 of its contents.</summary>
public readonly record struct ElfDebugLink(string FileName, uint Crc);
