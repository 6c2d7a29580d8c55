namespace Blindspot.Primitives;

/// <summary>The CRC-64 of xz (that of ECMA-182): polynomial 0xc96c5795d7870f42 reflected.</summary>
public static class Crc64
{
    private static readonly ulong[] _table = CreateTable();

    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        ulong[] table = _table;
        ulong crc = ulong.MaxValue;
        foreach (byte value in bytes)
        {
            crc = (crc >> 8) ^ table[(byte)crc ^ value];
        }

        return ~crc;
    }

    private static ulong[] CreateTable()
    {
        ulong[] table = new ulong[256];
        for (uint i = 0; i < 256; i++)
        {
            ulong value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? (value >> 1) ^ 0xc96c5795d7870f42 : value >> 1;
            }

            table[i] = value;
        }

        return table;
    }
}
