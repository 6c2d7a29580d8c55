using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace Blindspot.Primitives;

/// <summary>
/// A forward reader of little-endian data. One bounds check per read; a read that fails throws
/// <see cref="MalformedDataException"/> and leaves the position where it was.
/// </summary>
public ref struct ByteReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly string _section;
    private int _position;

    public ByteReader(ReadOnlySpan<byte> bytes, string section)
    {
        _bytes = bytes;
        _section = section;
        _position = 0;
    }

    public ByteReader(ReadOnlySpan<byte> bytes, string section, long position)
    {
        _bytes = bytes;
        _section = section;
        _position = 0;
        Position = position;
    }

    /// <summary>Offset from the start of the span; setting it past the end is malformed.</summary>
    public long Position
    {
        readonly get => _position;
        set
        {
            if ((ulong)value > (ulong)_bytes.Length)
            {
                ThrowOutside(value, 0);
            }

            _position = (int)value;
        }
    }

    public readonly int Length => _bytes.Length;

    public readonly int Remaining => _bytes.Length - _position;

    public readonly bool AtEnd => _position >= _bytes.Length;

    public readonly string Section => _section;

    public byte ReadByte()
    {
        // Written so that the one check serves the access too.
        int at = _position;
        ReadOnlySpan<byte> bytes = _bytes;
        if ((uint)at >= (uint)bytes.Length)
        {
            ThrowOutside(at, 1);
        }

        _position = at + 1;
        return bytes[at];
    }

    public sbyte ReadSByte() => (sbyte)ReadByte();

    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16LittleEndian(_bytes[Take(2)..]);

    public short ReadInt16() => BinaryPrimitives.ReadInt16LittleEndian(_bytes[Take(2)..]);

    public uint ReadUInt24()
    {
        int at = Take(3);
        return (uint)(_bytes[at] | (_bytes[at + 1] << 8) | (_bytes[at + 2] << 16));
    }

    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32LittleEndian(_bytes[Take(4)..]);

    public int ReadInt32() => BinaryPrimitives.ReadInt32LittleEndian(_bytes[Take(4)..]);

    public ulong ReadUInt64() => BinaryPrimitives.ReadUInt64LittleEndian(_bytes[Take(8)..]);

    public long ReadInt64() => BinaryPrimitives.ReadInt64LittleEndian(_bytes[Take(8)..]);

    /// <summary>An unsigned LEB128 number; bits past the 64th are malformed unless zero.</summary>
    public ulong ReadUleb128()
    {
        int start = _position;
        if (start < _bytes.Length && _bytes[start] < 0x80)
        {
            _position = start + 1;
            return _bytes[start];
        }

        ulong value = 0;
        int shift = 0;
        for (int at = start; at < _bytes.Length; at++)
        {
            byte next = _bytes[at];
            ulong low = next & 0x7fUL;
            if (shift < 63 || (shift == 63 && low <= 1))
            {
                value |= low << shift;
            }
            else if (low != 0)
            {
                ThrowMalformed("a LEB128 number exceeds 64 bits");
            }

            if (next < 0x80)
            {
                _position = at + 1;
                return value;
            }

            shift += 7;
        }

        ThrowOutside(start, 1);
        return 0;
    }

    /// <summary>A signed LEB128 number; bits past the 64th are dropped.</summary>
    public long ReadSleb128()
    {
        int start = _position;
        long value = 0;
        int shift = 0;
        for (int at = start; at < _bytes.Length; at++)
        {
            byte next = _bytes[at];
            if (shift < 64)
            {
                value |= (long)(next & 0x7f) << shift;
            }

            shift += 7;
            if (next < 0x80)
            {
                if (shift < 64 && (next & 0x40) != 0)
                {
                    value |= -1L << shift;
                }

                _position = at + 1;
                return value;
            }
        }

        ThrowOutside(start, 1);
        return 0;
    }

    /// <summary>The bytes up to the next zero, which is consumed and not returned.</summary>
    public ReadOnlySpan<byte> ReadCStringBytes()
    {
        int length = _bytes[_position..].IndexOf((byte)0);
        if (length < 0)
        {
            ThrowMalformed("a string has no end");
        }

        ReadOnlySpan<byte> value = _bytes.Slice(_position, length);
        _position += length + 1;
        return value;
    }

    public string ReadCString() => Encoding.UTF8.GetString(ReadCStringBytes());

    public ReadOnlySpan<byte> ReadBytes(long count)
    {
        if ((ulong)count > (ulong)Remaining)
        {
            ThrowOutside(_position, count);
        }

        return _bytes.Slice(Take((int)count), (int)count);
    }

    public void Skip(long count)
    {
        if ((ulong)count > (ulong)Remaining)
        {
            ThrowOutside(_position, count);
        }

        _position += (int)count;
    }

    /// <summary>An offset of the format's width: 4 bytes in 32-bit DWARF, 8 in 64-bit DWARF.</summary>
    public ulong ReadOffset(bool is64Bit) => is64Bit ? ReadUInt64() : ReadUInt32();

    /// <summary>An unsigned number of 1, 2, 4 or 8 bytes.</summary>
    public ulong ReadUnsigned(int size)
    {
        switch (size)
        {
            case 1: return ReadByte();
            case 2: return ReadUInt16();
            case 4: return ReadUInt32();
            case 8: return ReadUInt64();
            default:
                ThrowMalformed($"a number of {size} bytes");
                return 0;
        }
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    public readonly void ThrowMalformed(string what) => throw new MalformedDataException(_section, _position, what);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Take(int count)
    {
        int at = _position;
        if ((uint)count > (uint)(_bytes.Length - at))
        {
            ThrowOutside(at, count);
        }

        _position = at + count;
        return at;
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private readonly void ThrowOutside(long position, long count) =>
        throw new MalformedDataException(_section, position, $"{count} bytes reach past the end ({_bytes.Length} bytes)");
}
