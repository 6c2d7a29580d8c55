using System.Runtime.CompilerServices;
using Blindspot.Primitives;

namespace Blindspot.Image.Pclntab;

/// <summary>
/// Rows of a pc-value table: pairs of a zig-zag difference to the value and a difference to the pc, both as unsigned
/// LEB128, ended by a zero difference of value that is not the first (Go: src/runtime/symtab.go, step; the format is
/// described in "Go 1.2 Runtime Symbol Information").
/// </summary>
public ref struct PcValueReader
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private bool _started;

    /// <param name="tables">The bytes that hold pc-value tables.</param>
    /// <param name="offset">Where this one begins.</param>
    public PcValueReader(ReadOnlySpan<byte> tables, uint offset)
    {
        if (offset >= (uint)tables.Length)
        {
            throw new MalformedDataException(GoPclntabHeader.Section, offset, "a pc-value table lies outside");
        }

        _bytes = tables;
        _position = (int)offset;
        Value = -1;
    }

    /// <summary>Where reading goes on, in the bytes that hold the tables.</summary>
    public readonly int Position => _position;

    /// <summary>The value that holds from the last row's end to <see cref="EndOffset"/>.</summary>
    public int Value { get; private set; }

    /// <summary>Bytes from the function's entry to the end of this row.</summary>
    public uint EndOffset { get; private set; }

    public bool MoveNext()
    {
        ReadOnlySpan<byte> bytes = _bytes;
        int at = _position;
        if ((uint)(at + 1) < (uint)bytes.Length)
        {
            // Both numbers of one byte each: seven rows of ten.
            uint value = bytes[at];
            uint advance = bytes[at + 1];
            if ((value | advance) < 0x80)
            {
                if (value == 0 && _started)
                {
                    return false;
                }

                _started = true;
                Value += (int)(0u - (value & 1)) ^ (int)(value >> 1);
                EndOffset += advance;
                _position = at + 2;
                return true;
            }
        }

        return MoveNextSlow();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool MoveNextSlow()
    {
        uint value = ReadNumber();
        if (value == 0 && _started)
        {
            return false;
        }

        uint advance = ReadNumber();
        _started = true;
        Value += (int)(0u - (value & 1)) ^ (int)(value >> 1);
        EndOffset += advance;
        return true;
    }

    /// <summary>LEB128 that wraps at 32 bits, as the runtime reads it.</summary>
    private uint ReadNumber()
    {
        uint value = 0;
        for (int shift = 0; shift < 35; shift += 7)
        {
            if ((uint)_position >= (uint)_bytes.Length)
            {
                break;
            }

            byte next = _bytes[_position++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new MalformedDataException(GoPclntabHeader.Section, _position, "a pc-value table is cut short or has a number above 32 bits");
    }
}
