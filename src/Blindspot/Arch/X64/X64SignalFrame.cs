using System.Buffers.Binary;

namespace Blindspot.Arch.X64;

/// <summary>
/// The frame that the kernel builds for a signal handler (struct rt_sigframe, arch/x86/include/asm/sigframe.h). Once
/// the handler has returned into the restorer, the stack pointer stands at its ucontext.
/// </summary>
public static class X64SignalFrame
{
    /// <summary>Bytes from the ucontext that hold the general registers and rip (struct sigcontext_64 begins at 40).</summary>
    public const int ContextBytes = RegistersOffset + (SavedRegisters * 8);

    /// <summary>Longest form of the restorer's code that <see cref="IsRestorer"/> looks at.</summary>
    public const int RestorerBytes = 9;

    /// <summary>Bytes from the start of the frame (the restorer's address) to uc_sigmask, the mask that comes back with the handler's return.</summary>
    public const int MaskOffset = 304;

    private const int RegistersOffset = 40;
    private const int SavedRegisters = 17;

    // The order of struct sigcontext_64: r8..r15, di, si, bp, bx, dx, ax, cx, sp, ip.
    private static ReadOnlySpan<byte> Order =>
    [
        (byte)X64Register.R8, (byte)X64Register.R9, (byte)X64Register.R10, (byte)X64Register.R11,
        (byte)X64Register.R12, (byte)X64Register.R13, (byte)X64Register.R14, (byte)X64Register.R15,
        (byte)X64Register.Rdi, (byte)X64Register.Rsi, (byte)X64Register.Rbp, (byte)X64Register.Rbx,
        (byte)X64Register.Rdx, (byte)X64Register.Rax, (byte)X64Register.Rcx, (byte)X64Register.Rsp,
        (byte)X64Register.Rip,
    ];

    /// <summary>Is this the code of a restorer: <c>mov $15, %rax; syscall</c> in either encoding?</summary>
    public static bool IsRestorer(ReadOnlySpan<byte> code) =>
        code.StartsWith<byte>([0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05])
        || code.StartsWith<byte>([0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05]);

    /// <summary>The registers of the code that the signal interrupted.</summary>
    /// <param name="context">The first <see cref="ContextBytes"/> bytes of the ucontext.</param>
    public static X64Registers Restore(ReadOnlySpan<byte> context)
    {
        X64Registers registers = default;
        for (int i = 0; i < SavedRegisters; i++)
        {
            ulong value = BinaryPrimitives.ReadUInt64LittleEndian(context[(RegistersOffset + (i * 8))..]);
            registers.Set((X64Register)Order[i], value);
        }

        return registers;
    }
}
