using System.Buffers.Binary;
using System.IO.Compression;
using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>
/// Sections that are stored compressed: SHF_COMPRESSED with an Elf64_Chdr (gABI chapter 4, "Section Compression"), and
/// the older GNU form, a section named .zdebug_* that begins with "ZLIB" and a big-endian size.
/// </summary>
internal static class ElfCompression
{
    private const uint Zlib = 1;
    private const uint Zstd = 2;
    private const int HeaderSize = 24;
    private const int OldHeaderSize = 12;

    /// <summary>Up to here the ratio does not matter: a few bytes of zeros compress without bound.</summary>
    private const ulong SmallSize = 64 * 1024;

    public static byte[] Decompress(byte[] stored, string section, Limits limits)
    {
        var reader = new ByteReader(stored, section);
        uint kind = reader.ReadUInt32();
        reader.Skip(4);
        ulong size = reader.ReadUInt64();
        switch (kind)
        {
            case Zlib: return Inflate(stored, HeaderSize, size, section, limits);
            case Zstd: return Unzstd(stored, HeaderSize, size, section, limits);
            default: throw new MalformedDataException(section, 0, $"compression {kind} is not known");
        }
    }

    /// <summary>Contents of a .zdebug_* section; one without the "ZLIB" mark is stored plain.</summary>
    public static byte[] DecompressOld(byte[] stored, string section, Limits limits)
    {
        if (stored.Length < OldHeaderSize || !stored.AsSpan().StartsWith("ZLIB"u8))
        {
            return stored;
        }

        return Inflate(stored, OldHeaderSize, BinaryPrimitives.ReadUInt64BigEndian(stored.AsSpan(4)), section, limits);
    }

    /// <summary>Room for what is decompressed.</summary>
    /// <param name="size">What it claims to grow to.</param>
    /// <param name="stored">What there is of it.</param>
    /// <exception cref="MalformedDataException">More than a section may have, or than compression can save.</exception>
    internal static byte[] Allocate(ulong size, int stored, string section, Limits limits)
    {
        ulong grown = Math.Max((ulong)stored * (ulong)limits.MaxCompressionRatio, SmallSize);
        ulong allowed = Math.Min((ulong)Math.Min(limits.MaxSectionBytes, Array.MaxLength), grown);
        if (size > allowed)
        {
            throw new MalformedDataException(section, 0, $"{stored} bytes claim to hold {size}, more than the limit of {allowed}");
        }

        return GC.AllocateUninitializedArray<byte>((int)size);
    }

    private static byte[] Inflate(byte[] stored, int start, ulong size, string section, Limits limits)
    {
        byte[] bytes = Allocate(size, stored.Length, section, limits);
        try
        {
            using var stream = new ZLibStream(new MemoryStream(stored, start, stored.Length - start, writable: false), CompressionMode.Decompress);
            int count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return count == bytes.Length ? bytes : throw Short(section, count, size);
        }
        catch (InvalidDataException exception)
        {
            throw new MalformedDataException(section, start, "zlib data are damaged: " + exception.Message);
        }
    }

    private static byte[] Unzstd(byte[] stored, int start, ulong size, string section, Limits limits)
    {
        byte[] bytes = Allocate(size, stored.Length, section, limits);
        try
        {
            using var decompressor = new ZstdSharp.Decompressor();
            int count = decompressor.Unwrap(stored.AsSpan(start), bytes.AsSpan());
            return count == bytes.Length ? bytes : throw Short(section, count, size);
        }
        catch (ZstdSharp.ZstdException exception)
        {
            throw new MalformedDataException(section, start, "zstd data are damaged: " + exception.Message);
        }
    }

    private static MalformedDataException Short(string section, int count, ulong size) =>
        new(section, 0, $"decompressed to {count} bytes, not {size}");
}
