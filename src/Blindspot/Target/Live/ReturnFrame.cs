using System.Buffers.Binary;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>
/// The part of struct rt_sigframe (arch/x86/include/asm/sigframe.h) that rt_sigreturn reads, behind the address that
/// leads there, with room for one answer of a system call: written below a thread's stack, it takes a thread that returns
/// into it back to where its registers say, with the system call that it was in begun anew.
/// </summary>
internal sealed class ReturnFrame
{
    internal const int AnswerBytes = 64;

    private const int RedZone = 128;
    private const int Context = 8;
    private const int ContextBytes = 304;
    private const int StackFlags = Context + 24;
    private const int Machine = Context + 40;
    private const int FloatingPoint = Machine + 184;
    private const int SignalMask = Context + 296;
    private const int Answer = Context + ContextBytes;
    private const int HeadBytes = Answer + AnswerBytes;
    private const int SystemCallBytes = 2;

    private const uint HasExtendedState = 1;
    private const uint HasStackSegment = 2;
    private const uint WantsStackSegment = 4;

    // Neither SS_ONSTACK nor SS_DISABLE: the kernel leaves the alternate stack as it is, which we do not know.
    private const uint NoSuchFlag = 4;

    private readonly byte[] _bytes = new byte[MaxBytes];
    private int _length;

    internal const int MaxBytes = HeadBytes + ExtendedState.Alignment + ExtendedState.MaxBytes;

    /// <summary>The most that a frame takes below a stack pointer.</summary>
    internal const int MaxDepth = RedZone + MaxBytes + ExtendedState.Alignment;

    /// <summary>Where it has to be; a stack pointer that has this value returns into it.</summary>
    internal ulong Start { get; private set; }

    /// <summary>Where system calls may put their answers.</summary>
    internal ulong AnswerStart => Start + Answer;

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>False where the extended registers do not fit.</summary>
    /// <param name="registers">Of a thread that was interrupted in a system call which may be begun anew.</param>
    /// <param name="top">Below this and a red zone there is room; the stack pointer, or that of another stack of the thread.</param>
    /// <param name="mask">The signals that it blocks.</param>
    /// <param name="registerSet">NT_X86_XSTATE.</param>
    /// <param name="restorer">Address of instructions that call rt_sigreturn.</param>
    internal bool TryBuild(in UserRegisters registers, ulong top, ulong mask, ReadOnlySpan<byte> registerSet, ulong restorer)
    {
        Array.Clear(_bytes);
        Span<byte> state = stackalloc byte[ExtendedState.MaxBytes];
        if (!ExtendedState.TryFrame(registerSet, state, out int stateBytes))
        {
            return false;
        }

        ulong stateStart = (top - RedZone - (ulong)stateBytes) & ~(ulong)(ExtendedState.Alignment - 1);
        Start = (stateStart - HeadBytes) & ~15UL;
        int stateOffset = (int)(stateStart - Start);
        _length = stateOffset + stateBytes;
        state[..stateBytes].CopyTo(_bytes.AsSpan(stateOffset));
        Put(0, restorer);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(Context), HasExtendedState | HasStackSegment | WantsStackSegment);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(StackFlags), NoSuchFlag);
        PutRegisters(registers);
        Put(FloatingPoint, stateStart);
        Put(SignalMask, mask);
        return true;
    }

    // struct sigcontext (asm/sigcontext.h).
    private void PutRegisters(in UserRegisters registers)
    {
        ReadOnlySpan<ulong> words =
        [
            registers.R8, registers.R9, registers.R10, registers.R11, registers.R12, registers.R13, registers.R14, registers.R15,
            registers.Rdi, registers.Rsi, registers.Rbp, registers.Rbx, registers.Rdx, registers.OriginalRax, registers.Rcx,
            registers.Rsp, registers.Rip - SystemCallBytes, registers.Flags,
        ];
        int at = Machine;
        foreach (ulong word in words)
        {
            Put(at, word);
            at += sizeof(ulong);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at), (ushort)registers.Cs);
        BinaryPrimitives.WriteUInt16LittleEndian(_bytes.AsSpan(at + 6), (ushort)registers.Ss);
    }

    private void Put(int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(at), value);
}
