using System.Numerics;
using Blindspot.Primitives;
using SharpCompress.Compressors.LZMA;

namespace Blindspot.Image.Elf;

/// <summary>
/// Decompresses a file of xz ("The .xz File Format", version 1.2.1). Its index, at the end, tells where each block lies
/// and how long it gets, so that nothing is decompressed that breaks a limit, and no window is larger than its block.
/// One stream, and LZMA2 alone without further filters, as for all mini debug information.
/// </summary>
internal static class XzDecoder
{
    /// <summary>Bytes of the header and of the footer alike.</summary>
    private const int EndSize = 12;
    private const ulong Lzma2 = 0x21;
    private const int MaxDictionaryProperty = 40;
    private const int CheckCrc32 = 1;
    private const int CheckCrc64 = 4;

    /// <exception cref="MalformedDataException">Not xz, damaged, cut, or growing past a limit.</exception>
    public static byte[] Decompress(ReadOnlyMemory<byte> file, string section, Limits limits)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (bytes.Length < 2 * EndSize || !bytes.StartsWith((ReadOnlySpan<byte>)[0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0]))
        {
            throw new MalformedDataException(section, 0, "does not begin like an xz file");
        }

        int check = ReadFlags(bytes, section);
        int indexStart = FindIndex(bytes, section);
        List<(int Offset, int Stored, int Length)> blocks = ReadIndex(bytes, indexStart, check, section, out ulong total);
        byte[] plain = ElfCompression.Allocate(total, bytes.Length, section, limits);
        int at = 0;
        foreach ((int offset, int stored, int length) in blocks)
        {
            DecodeBlock(file.Slice(offset, stored), plain.AsSpan(at, length), check, section);
            at += length;
        }

        return plain;
    }

    /// <summary>The kind of check, which header and footer must agree on.</summary>
    private static int ReadFlags(ReadOnlySpan<byte> bytes, string section)
    {
        ReadOnlySpan<byte> header = bytes[..EndSize];
        ReadOnlySpan<byte> footer = bytes[^EndSize..];
        var headerCrc = new ByteReader(header, section, 8);
        var footerCrc = new ByteReader(footer, section, 0);
        bool isWhole = headerCrc.ReadUInt32() == Crc(header[6..8])
            && footerCrc.ReadUInt32() == Crc(footer[4..10])
            && footer[10] == 'Y' && footer[11] == 'Z'
            && header[6..8].SequenceEqual(footer[8..10]);
        if (!isWhole || header[6] != 0 || header[7] > 15)
        {
            throw new MalformedDataException(section, bytes.Length - EndSize, "the ends of the xz stream are damaged");
        }

        return header[7];
    }

    private static int FindIndex(ReadOnlySpan<byte> bytes, string section)
    {
        var footer = new ByteReader(bytes[^EndSize..], section, 4);
        long size = (footer.ReadUInt32() + 1L) * 4;
        long start = bytes.Length - EndSize - size;
        return start >= EndSize ? (int)start : throw new MalformedDataException(section, bytes.Length - EndSize, $"an index of {size} bytes has no room");
    }

    private static List<(int Offset, int Stored, int Length)> ReadIndex(ReadOnlySpan<byte> bytes, int start, int check, string section, out ulong total)
    {
        ReadOnlySpan<byte> index = bytes[start..^EndSize];
        var stored = new ByteReader(index, section, index.Length - 4);
        if (index[0] != 0 || stored.ReadUInt32() != Crc(index[..^4]))
        {
            throw new MalformedDataException(section, start, "the xz index is damaged");
        }

        var reader = new ByteReader(index[..^4], section, 1);
        ulong count = reader.ReadUleb128();
        var blocks = new List<(int Offset, int Stored, int Length)>();
        long offset = EndSize;
        total = 0;
        for (ulong i = 0; i < count; i++)
        {
            // "Unpadded size": header, data and check; the padding before the check is not in it, but is in the file.
            ulong unpadded = reader.ReadUleb128();
            ulong length = reader.ReadUleb128();
            ulong padded = (unpadded + 3) & ~3UL;
            if (unpadded < (ulong)CheckSize(check) + 8 || padded > (ulong)(start - offset) || length > int.MaxValue - total)
            {
                throw new MalformedDataException(section, start, $"the xz index tells of a block of {unpadded} bytes that grows to {length}");
            }

            blocks.Add(((int)offset, (int)padded, (int)length));
            offset += (long)padded;
            total += length;
        }

        return offset == start ? blocks : throw new MalformedDataException(section, start, "the xz blocks and their index disagree");
    }

    private static void DecodeBlock(ReadOnlyMemory<byte> block, Span<byte> plain, int check, string section)
    {
        ReadOnlySpan<byte> bytes = block.Span;
        int headerSize = (bytes[0] + 1) * 4;
        int checkSize = CheckSize(check);
        if (bytes[0] == 0 || headerSize + checkSize > bytes.Length)
        {
            throw new MalformedDataException(section, 0, $"an xz block of {bytes.Length} bytes has a header of {headerSize}");
        }

        ReadHeader(bytes[..headerSize], section);
        ReadOnlyMemory<byte> data = block[headerSize..^checkSize];
        Lzma2Chunks.Check(data.Span, plain.Length, section);

        // What a block refers back to lies within it, so that its window need not be larger, whatever the header says.
        byte[] properties = [WindowProperty(plain.Length)];
        try
        {
            using var stream = LzmaStream.Create(properties, new BoundedInput(data), -1, plain.Length, null, isLzma2: true);
            int read = stream.ReadAtLeast(plain, plain.Length, throwOnEndOfStream: false);
            if (read != plain.Length || stream.ReadByte() >= 0)
            {
                throw new MalformedDataException(section, 0, $"an xz block does not decompress to the {plain.Length} bytes that its index tells");
            }
        }
        catch (Exception exception) when (exception is SharpCompress.Common.SharpCompressException or InvalidDataException or IOException
            or ArgumentException or InvalidOperationException or IndexOutOfRangeException or ArithmeticException)
        {
            throw new MalformedDataException(section, 0, "xz data are damaged: " + exception.Message);
        }

        Verify(plain, bytes[^checkSize..], check, section);
    }

    private static void ReadHeader(ReadOnlySpan<byte> header, string section)
    {
        var crc = new ByteReader(header, section, header.Length - 4);
        var reader = new ByteReader(header[..^4], section, 1);
        byte flags = reader.ReadByte();
        if (crc.ReadUInt32() != Crc(header[..^4]))
        {
            throw new MalformedDataException(section, 0, "the header of an xz block is damaged");
        }

        // Both sizes are optional; the index has told them.
        for (int size = 0x40; size <= 0x80; size <<= 1)
        {
            if ((flags & size) != 0)
            {
                reader.ReadUleb128();
            }
        }

        ulong filter = reader.ReadUleb128();
        if ((flags & 0x3f) != 0 || filter != Lzma2 || reader.ReadUleb128() != 1 || reader.ReadByte() > MaxDictionaryProperty)
        {
            throw new MalformedDataException(section, 0, $"compressed by xz with other filters than LZMA2 (0x{filter:x}), which are not understood");
        }
    }

    /// <summary>The smallest window that LZMA2 can name and that holds so many bytes: 2 or 3 times a power of two, from 4 KiB on.</summary>
    private static byte WindowProperty(int length)
    {
        int power = Math.Max(12, BitOperations.Log2((uint)Math.Max(1, length - 1)) + 1);
        return (byte)Math.Min((power - 12) * 2, 38);
    }

    /// <summary>Bytes of each kind of check, known or not (section 2.1.1.2).</summary>
    private static int CheckSize(int check) => check == 0 ? 0 : 4 << ((check - 1) / 3);

    /// <summary>Checks that are not known (SHA-256 among them) are passed over, as xz itself does.</summary>
    private static void Verify(ReadOnlySpan<byte> plain, ReadOnlySpan<byte> stored, int check, string section)
    {
        var reader = new ByteReader(stored, section);
        bool isRight = check switch
        {
            CheckCrc32 => reader.ReadUInt32() == Crc(plain),
            CheckCrc64 => reader.ReadUInt64() == Crc64.Of(plain),
            _ => true,
        };
        if (!isRight)
        {
            throw new MalformedDataException(section, 0, "xz data are damaged: their check sum differs");
        }
    }

    private static uint Crc(ReadOnlySpan<byte> bytes) => Crc32.Finish(Crc32.Append(Crc32.Initial, bytes));

    /// <summary>A block's bytes. Reading past them is an error: the decoder would take the end for bytes of 0xff.</summary>
    private sealed class BoundedInput(ReadOnlyMemory<byte> bytes) : Stream
    {
        private int _position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override int ReadByte() => _position < bytes.Length ? bytes.Span[_position++] : throw new InvalidDataException("they end too early");

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, bytes.Length - _position);
            if (count == 0 && !buffer.IsEmpty)
            {
                throw new InvalidDataException("they end too early");
            }

            bytes.Span.Slice(_position, count).CopyTo(buffer);
            _position += count;
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
