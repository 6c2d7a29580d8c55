using System.Buffers.Binary;

namespace Blindspot.LiveTests.Target;

/// <summary>A 32-bit executable written by hand, since a 32-bit compiler is rarely installed.</summary>
internal static class Elf32
{
    /// <summary>One that calls pause() for ever.</summary>
    internal static byte[] Pausing()
    {
        const uint loadAddress = 0x08048000;
        const int headers = 52 + 32;

        // mov $29,%eax (pause); int $0x80; jmp back
        byte[] code = [0xb8, 0x1d, 0, 0, 0, 0xcd, 0x80, 0xeb, 0xf7];
        byte[] file = new byte[headers + code.Length];
        ((ReadOnlySpan<byte>)[0x7f, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1]).CopyTo(file);
        Span<byte> header = file;
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(header[18..], 3);
        BinaryPrimitives.WriteUInt32LittleEndian(header[20..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], loadAddress + headers);
        BinaryPrimitives.WriteUInt32LittleEndian(header[28..], 52);
        BinaryPrimitives.WriteUInt16LittleEndian(header[40..], 52);
        BinaryPrimitives.WriteUInt16LittleEndian(header[42..], 32);
        BinaryPrimitives.WriteUInt16LittleEndian(header[44..], 1);
        Span<byte> segment = header[52..];
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[8..], loadAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[12..], loadAddress);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[16..], (uint)file.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[20..], (uint)file.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[24..], 5);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[28..], 4096);
        code.CopyTo(file, headers);
        return file;
    }
}
