using System.Buffers.Binary;

namespace Blindspot.Primitives;

/// <summary>The CRC-32 of zlib and .gnu_debuglink: polynomial 0xedb88320 reflected, eight bytes a step by tables.</summary>
public static class Crc32
{
    public const uint Initial = 0xffffffff;

    private static readonly uint[] _tables = CreateTables();

    public static uint Append(uint crc, ReadOnlySpan<byte> bytes)
    {
        uint[] tables = _tables;
        for (; bytes.Length >= 8; bytes = bytes[8..])
        {
            uint low = crc ^ BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
            crc = tables[(7 * 256) + (low & 255)] ^ tables[(6 * 256) + ((low >> 8) & 255)]
                ^ tables[(5 * 256) + ((low >> 16) & 255)] ^ tables[(4 * 256) + (low >> 24)]
                ^ tables[(3 * 256) + (high & 255)] ^ tables[(2 * 256) + ((high >> 8) & 255)]
                ^ tables[256 + ((high >> 16) & 255)] ^ tables[high >> 24];
        }

        foreach (byte value in bytes)
        {
            crc = (crc >> 8) ^ tables[(crc ^ value) & 255];
        }

        return crc;
    }

    public static uint Finish(uint crc) => ~crc;

    private static uint[] CreateTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xedb88320 : value >> 1;
            }

            tables[i] = value;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            tables[i] = (tables[i - 256] >> 8) ^ tables[tables[i - 256] & 255];
        }

        return tables;
    }
}
