using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>A section header (gABI chapter 4, "Sections"), or what the program headers tell where there is none.</summary>
public sealed record ElfSection
{
    public required int Index { get; init; }

    public required string Name { get; init; }

    public required ElfSectionType Type { get; init; }

    public ulong Flags { get; init; }

    /// <summary>sh_addr; 0 where it is not loaded.</summary>
    public ImageOffset Address { get; init; }

    public ulong FileOffset { get; init; }

    /// <summary>sh_size: bytes in memory; in the file the compressed size where it is compressed.</summary>
    public ulong Size { get; init; }

    /// <summary>sh_link.</summary>
    public uint Link { get; init; }

    /// <summary>sh_info.</summary>
    public uint Info { get; init; }

    public ulong Alignment { get; init; }

    public ulong EntrySize { get; init; }

    /// <summary>There is no section table, and this was made from the program headers and .dynamic.</summary>
    public bool IsInferred { get; init; }

    /// <summary>The file holds its bytes.</summary>
    public bool HasContents => Type is not (ElfSectionType.NoBits or ElfSectionType.Null);

    /// <summary>SHF_ALLOC.</summary>
    public bool IsLoaded => (Flags & 2) != 0;

    /// <summary>SHF_WRITE.</summary>
    public bool IsWritable => (Flags & 1) != 0;

    /// <summary>SHF_EXECINSTR.</summary>
    public bool IsExecutable => (Flags & 4) != 0;

    /// <summary>SHF_TLS.</summary>
    public bool IsThreadLocal => (Flags & 0x400) != 0;

    /// <summary>SHF_COMPRESSED.</summary>
    public bool IsCompressed => (Flags & 0x800) != 0;

    public ImageOffset End => Address + Size;

    public bool Contains(ImageOffset address) => address - Address < Size;
}
