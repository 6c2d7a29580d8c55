namespace Blindspot.Image.Elf;

/// <summary>sh_type of a section.</summary>
public enum ElfSectionType : uint
{
    Null = 0,
    ProgramBits = 1,
    SymbolTable = 2,
    StringTable = 3,
    Rela = 4,
    Hash = 5,
    Dynamic = 6,
    Note = 7,

    /// <summary>SHT_NOBITS: takes memory, but has no bytes in the file (.bss; most sections of a debug file).</summary>
    NoBits = 8,
    Rel = 9,
    DynamicSymbols = 11,
    GnuHash = 0x6ffffff6,
    X64Unwind = 0x70000001,
}
