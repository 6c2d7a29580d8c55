namespace Blindspot.Primitives.Elf;

/// <summary>e_machine of an ELF file, as far as a message should name it.</summary>
public enum ElfMachine : ushort
{
    None = 0,
    I386 = 3,
    PowerPc64 = 21,
    S390 = 22,
    Arm = 40,
    X64 = 62,
    Arm64 = 183,
    RiscV = 243,
    LoongArch = 258,
}
