using System.Runtime.InteropServices;

namespace Blindspot.Interop;

/// <summary>struct user_regs_struct (arch/x86/include/asm/user_64.h), the NT_PRSTATUS register set.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct UserRegisters
{
    internal ulong R15;
    internal ulong R14;
    internal ulong R13;
    internal ulong R12;
    internal ulong Rbp;
    internal ulong Rbx;
    internal ulong R11;
    internal ulong R10;
    internal ulong R9;
    internal ulong R8;
    internal ulong Rax;
    internal ulong Rcx;
    internal ulong Rdx;
    internal ulong Rsi;
    internal ulong Rdi;
    internal ulong OriginalRax;
    internal ulong Rip;
    internal ulong Cs;
    internal ulong Flags;
    internal ulong Rsp;
    internal ulong Ss;
    internal ulong FsBase;
    internal ulong GsBase;
    internal ulong Ds;
    internal ulong Es;
    internal ulong Fs;
    internal ulong Gs;
}
