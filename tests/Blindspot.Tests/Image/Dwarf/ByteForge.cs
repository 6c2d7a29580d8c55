using System.Buffers.Binary;
using System.Text;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>Writes sections by hand.</summary>
internal sealed class ByteForge
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public ByteForge Bytes(params ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public ByteForge UInt16(int value) => Bytes((byte)value, (byte)(value >> 8));

    public ByteForge UInt32(uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    public ByteForge UInt64(ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Bytes(bytes);
    }

    public ByteForge Uleb128(ulong value)
    {
        do
        {
            byte low = (byte)(value & 0x7f);
            value >>= 7;
            Bytes(value == 0 ? low : (byte)(low | 0x80));
        }
        while (value != 0);
        return this;
    }

    public ByteForge Text(string text) => Bytes(Encoding.ASCII.GetBytes(text)).Bytes(0);

    /// <summary>A 32-bit length and what it counts.</summary>
    public ByteForge Sized(ByteForge content) => UInt32((uint)content.Length).Bytes(content.ToArray());

    /// <summary>A length in ULEB128 and what it counts.</summary>
    public ByteForge Block(params ReadOnlySpan<byte> content) => Uleb128((ulong)content.Length).Bytes(content);

    public byte[] ToArray() => [.. _bytes];
}
