using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>
/// The chunks of LZMA2 data, walked before anything is decoded: each tells its lengths ahead of its bytes. What passes
/// here cannot make a decoder read past its input, allocate tables of megabytes, or make them anew without end.
/// </summary>
internal static class Lzma2Chunks
{
    private const int MaxLiteralBits = 4;

    /// <summary>Encoders end a chunk at 64 KiB; those that begin with new tables may follow each other no faster than this.</summary>
    private const int BytesPerReset = 1024;
    private const int FreeResets = 16;

    /// <exception cref="MalformedDataException">They are no LZMA2 data, or decode to another length.</exception>
    public static void Check(ReadOnlySpan<byte> data, int length, string section)
    {
        var reader = new ByteReader(data, section);
        long decoded = 0;
        int resets = 0;
        while (true)
        {
            byte control = reader.ReadByte();
            if (control == 0)
            {
                break;
            }

            bool isPlain = control is 1 or 2;
            if (!isPlain && control < 0x80)
            {
                throw new MalformedDataException(section, reader.Position, $"an LZMA2 chunk of kind {control}");
            }

            int plain = (isPlain ? 0 : (control & 0x1f) << 16) + ReadLength(ref reader);
            int stored = isPlain ? plain : ReadLength(ref reader);
            if (control >= 0xc0 && !AreProperties(reader.ReadByte()))
            {
                throw new MalformedDataException(section, reader.Position, "an LZMA2 chunk has properties that LZMA2 does not have");
            }

            resets += control >= 0xa0 ? 1 : 0;
            decoded += plain;
            reader.Skip(stored);
            if (decoded > length || resets > FreeResets + (data.Length / BytesPerReset))
            {
                throw new MalformedDataException(section, reader.Position, $"LZMA2 data that decode to more than {length} bytes, or reset without end");
            }
        }

        if (decoded != length || reader.Remaining > 3)
        {
            throw new MalformedDataException(section, reader.Position, $"LZMA2 data decode to {decoded} bytes, not {length}, or do not fill their block");
        }
    }

    /// <summary>Big-endian, less one.</summary>
    private static int ReadLength(ref ByteReader reader) => (reader.ReadByte() << 8) + reader.ReadByte() + 1;

    /// <summary>(pb * 5 + lp) * 9 + lc, where lc + lp may not be more than 4.</summary>
    private static bool AreProperties(byte value) => value < 9 * 5 * 5 && (value % 9) + (value / 9 % 5) <= MaxLiteralBits;
}
