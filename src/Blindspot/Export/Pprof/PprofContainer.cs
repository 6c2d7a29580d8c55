using System.Buffers.Binary;
using System.IO.Compression;
using Blindspot.Primitives;

namespace Blindspot.Export.Pprof;

/// <summary>What a profile comes in: gzip, mostly, or nothing.</summary>
internal static class PprofContainer
{
    /// <summary>However well a small file is packed, so much may come out of it.</summary>
    private const long SmallEnough = 64 << 20;

    private const int BlockSize = 1 << 20;

    public static bool IsCompressed(ReadOnlySpan<byte> start) => start is [0x1f, 0x8b, ..];

    /// <exception cref="MalformedDataException">It is damaged, or too large when unpacked.</exception>
    public static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> file, string name, Limits limits)
    {
        if (!IsCompressed(file.Span))
        {
            return file;
        }

        long most = Math.Min(limits.MaxProfileBytes, Math.Max(SmallEnough, file.Length * (long)limits.MaxCompressionRatio));
        using var source = new MemoryStream(file.ToArray(), writable: false);
        using var unpacked = new GZipStream(source, CompressionMode.Decompress);

        // The last four bytes tell the length (RFC 1952, section 2.3.1): a hint, which may lie.
        int hint = file.Length > 18 ? BinaryPrimitives.ReadInt32LittleEndian(file.Span[^4..]) : 0;
        byte[] bytes = new byte[(int)Math.Min(Math.Max(hint + 1L, BlockSize), Math.Min(Array.MaxLength, (file.Length * 16L) + BlockSize))];
        int length = 0;
        try
        {
            while (true)
            {
                int read = unpacked.Read(bytes, length, bytes.Length - length);
                if (read == 0)
                {
                    return bytes.AsMemory(0, length);
                }

                length += read;
                if (length > most)
                {
                    throw new MalformedDataException(name, 0, $"unpacks to more than {most} bytes");
                }

                if (length == bytes.Length)
                {
                    Array.Resize(ref bytes, (int)Math.Min(Array.MaxLength, bytes.Length * 2L));
                }
            }
        }
        catch (InvalidDataException damaged)
        {
            throw new MalformedDataException(name, length, $"damaged gzip: {damaged.Message}");
        }
    }
}
