using Blindspot.Arch.X64;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>The kernel's register set in our terms.</summary>
internal static class LiveRegisters
{
    internal static X64ThreadState ToState64(in UserRegisters user)
    {
        X64Registers registers = default;
        registers.Set(X64Register.Rax, user.Rax);
        registers.Set(X64Register.Rdx, user.Rdx);
        registers.Set(X64Register.Rcx, user.Rcx);
        registers.Set(X64Register.Rbx, user.Rbx);
        registers.Set(X64Register.Rsi, user.Rsi);
        registers.Set(X64Register.Rdi, user.Rdi);
        registers.Set(X64Register.Rbp, user.Rbp);
        registers.Set(X64Register.Rsp, user.Rsp);
        registers.Set(X64Register.R8, user.R8);
        registers.Set(X64Register.R9, user.R9);
        registers.Set(X64Register.R10, user.R10);
        registers.Set(X64Register.R11, user.R11);
        registers.Set(X64Register.R12, user.R12);
        registers.Set(X64Register.R13, user.R13);
        registers.Set(X64Register.R14, user.R14);
        registers.Set(X64Register.R15, user.R15);
        registers.Set(X64Register.Rip, user.Rip);
        return new X64ThreadState(registers, (long)user.OriginalRax, new TargetAddress(user.FsBase), user.Flags);
    }
}
