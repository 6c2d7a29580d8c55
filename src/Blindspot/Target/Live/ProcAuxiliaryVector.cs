using System.Buffers.Binary;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>/proc/PID/auxv: pairs of type and value, ended by AT_NULL (getauxval(3)).</summary>
internal static class ProcAuxiliaryVector
{
    private const int MaxBytes = 4096;
    private const ulong ProgramHeaderSize = 4;
    private const ulong Elf64ProgramHeaderSize = 56;
    private const uint Elf32ProgramHeaderSize = 32;

    internal static byte[]? Read(int tid, out Errno error) => RawFile.ReadWhole($"/proc/{tid}/auxv", MaxBytes, out error);

    internal static Dictionary<ulong, ulong> Parse(ReadOnlySpan<byte> bytes)
    {
        Dictionary<ulong, ulong> entries = [];
        while (bytes.Length >= 16)
        {
            ulong type = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            if (type == 0)
            {
                break;
            }

            entries.TryAdd(type, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            bytes = bytes[16..];
        }

        return entries;
    }

    /// <summary>Whether it is that of a 64-bit program: AT_PHENT is the size of Elf64_Phdr.</summary>
    internal static bool Is64Bit(ReadOnlySpan<byte> bytes) =>
        Parse(bytes).TryGetValue(ProgramHeaderSize, out ulong size) && size == Elf64ProgramHeaderSize;

    /// <summary>Whether it is that of a 32-bit program (x32 too): its words are 4 bytes, and AT_PHENT is the size of Elf32_Phdr.</summary>
    internal static bool Is32Bit(ReadOnlySpan<byte> bytes)
    {
        if (Is64Bit(bytes))
        {
            return false;
        }

        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes) == (uint)ProgramHeaderSize
                && BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]) == Elf32ProgramHeaderSize)
            {
                return true;
            }
        }

        return false;
    }
}
