using Blindspot.Primitives;

namespace Blindspot.Arch.X64;

/// <summary>A thread's user registers as the kernel keeps them (struct user_regs_struct, arch/x86/include/asm/user_64.h).</summary>
/// <param name="Registers">General registers and rip.</param>
/// <param name="OriginalRax">The number of the system call the thread is in, or -1.</param>
/// <param name="FsBase">The thread pointer; null where the source does not tell it.</param>
/// <param name="Flags">rflags.</param>
public sealed record X64ThreadState(X64Registers Registers, long OriginalRax, TargetAddress? FsBase, ulong Flags);
