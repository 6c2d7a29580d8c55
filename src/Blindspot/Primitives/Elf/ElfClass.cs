namespace Blindspot.Primitives.Elf;

/// <summary>EI_CLASS of an ELF file: the width of its addresses.</summary>
public enum ElfClass : byte
{
    None = 0,
    Elf32 = 1,
    Elf64 = 2,
}
