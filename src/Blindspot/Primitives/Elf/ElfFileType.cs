namespace Blindspot.Primitives.Elf;

/// <summary>e_type of an ELF file.</summary>
public enum ElfFileType : ushort
{
    None = 0,
    Relocatable = 1,
    Executable = 2,

    /// <summary>ET_DYN: a shared library or a position-independent executable.</summary>
    Shared = 3,
    Core = 4,
}
