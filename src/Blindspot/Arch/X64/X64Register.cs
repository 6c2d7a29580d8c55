namespace Blindspot.Arch.X64;

/// <summary>The general registers by their DWARF numbers (System V psABI, AMD64 supplement, figure 3.36).</summary>
public enum X64Register : byte
{
    Rax = 0,
    Rdx = 1,
    Rcx = 2,
    Rbx = 3,
    Rsi = 4,
    Rdi = 5,
    Rbp = 6,
    Rsp = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
    R11 = 11,
    R12 = 12,
    R13 = 13,
    R14 = 14,
    R15 = 15,

    /// <summary>The return address column, which stands for rip.</summary>
    Rip = 16,
}
