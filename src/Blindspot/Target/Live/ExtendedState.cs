using System.Buffers.Binary;
using System.Runtime.Intrinsics.X86;

namespace Blindspot.Target.Live;

/// <summary>
/// Floating-point and vector registers as a signal frame holds them: what ptrace gives (the standard form of XSAVE, Intel
/// SDM volume 1, 13.4), with the marks by which rt_sigreturn tells its length (struct _fpx_sw_bytes, asm/sigcontext.h).
/// </summary>
internal static class ExtendedState
{
    /// <summary>The most that is taken: without the matrix registers (AMX), 8 KiB which next to nobody uses.</summary>
    internal const int MaxBytes = 4096;

    /// <summary>What ptrace may give, with the matrix registers.</summary>
    internal const int MaxRegisterSet = 16384;

    internal const int Alignment = 64;

    private const int LegacyAndHeader = 576;
    private const int Marks = 464;
    private const int MarksEnd = 512;
    private const int InUse = 512;
    private const uint Magic1 = 0x46505853;
    private const uint Magic2 = 0x46505845;
    private const ulong MatrixRegisters = 3UL << 17;

    /// <summary>
    /// Writes the state with its marks; false where it holds what a frame of usual size cannot. The kernel refuses a
    /// length above that of the features that the process was given, so the matrix registers are left out where unused.
    /// </summary>
    internal static bool TryFrame(ReadOnlySpan<byte> registerSet, Span<byte> into, out int length) =>
        TryFrame(registerSet, into, EndOf, out length);

    /// <param name="registerSet">NT_X86_XSTATE.</param>
    /// <param name="into">Where it goes.</param>
    /// <param name="endOf">Where the registers of one feature end.</param>
    /// <param name="length">With the mark behind it.</param>
    internal static bool TryFrame(ReadOnlySpan<byte> registerSet, Span<byte> into, Func<int, int> endOf, out int length)
    {
        length = 0;
        if (registerSet.Length < LegacyAndHeader)
        {
            return false;
        }

        ulong features = BinaryPrimitives.ReadUInt64LittleEndian(registerSet[Marks..]) & ~MatrixRegisters;
        ulong inUse = BinaryPrimitives.ReadUInt64LittleEndian(registerSet[InUse..]);
        int size = LegacyAndHeader;
        for (int feature = 2; feature < 63; feature++)
        {
            if ((features >> feature & 1) != 0)
            {
                size = Math.Max(size, endOf(feature));
            }
        }

        if ((inUse & ~features) != 0 || size > registerSet.Length || size > into.Length - sizeof(uint))
        {
            return false;
        }

        registerSet[..size].CopyTo(into);
        into[Marks..MarksEnd].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(into[Marks..], Magic1);
        BinaryPrimitives.WriteUInt32LittleEndian(into[(Marks + 4)..], (uint)(size + sizeof(uint)));
        BinaryPrimitives.WriteUInt64LittleEndian(into[(Marks + 8)..], features);
        BinaryPrimitives.WriteUInt32LittleEndian(into[(Marks + 16)..], (uint)size);
        BinaryPrimitives.WriteUInt32LittleEndian(into[size..], Magic2);
        length = size + sizeof(uint);
        return true;
    }

    private static int EndOf(int feature)
    {
        if (!X86Base.IsSupported)
        {
            return int.MaxValue;
        }

        (int size, int offset, _, _) = X86Base.CpuId(0xd, feature);
        return size + offset;
    }
}
