using System.Buffers.Binary;

namespace Blindspot.Target.Live;

/// <summary>
/// What the kernel puts on a new program's stack: the count of arguments, pointers to them, a zero, pointers to the
/// environment, a zero, and the auxiliary vector (System V psABI, AMD64 supplement, 3.4.1). For those who may read the
/// memory of a process but not open its /proc/PID/auxv (CAP_SYS_PTRACE without CAP_DAC_READ_SEARCH).
/// </summary>
internal static class InitialStack
{
    private const int WordBytes = 8;
    private const int MaxWords = 1 << 18;
    private const int MaxEntries = 64;

    /// <summary>The auxiliary vector of a 64-bit program; null where the stack does not hold one any more.</summary>
    /// <param name="memory">The process's memory.</param>
    /// <param name="start">Field 28 of /proc/PID/stat; 0 where the kernel does not tell it.</param>
    internal static byte[]? ReadAuxiliaryVector(RemoteMemory memory, ulong start)
    {
        if (start == 0 || !TryReadWord(memory, start, out ulong arguments) || arguments > MaxWords)
        {
            return null;
        }

        // Behind the arguments' own zero, the environment's.
        ulong at = start + (arguments + 2) * WordBytes;
        for (int i = 0; ; i++)
        {
            if (i >= MaxWords || !TryReadWord(memory, at, out ulong pointer))
            {
                return null;
            }

            at += WordBytes;
            if (pointer == 0)
            {
                break;
            }
        }

        byte[] entries = new byte[MaxEntries * 2 * WordBytes];
        byte[] read = entries[..(memory.Read(at, entries) & ~(2 * WordBytes - 1))];
        return ProcAuxiliaryVector.Is64Bit(read) ? read : null;
    }

    private static bool TryReadWord(RemoteMemory memory, ulong address, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[WordBytes];
        bool isRead = memory.Read(address, bytes) == WordBytes;
        value = isRead ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return isRead;
    }
}
