using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// Encoded pointers of .eh_frame (Linux Standard Base, Core, section 10.5.1 "DWARF Exception Header Encoding"): the
/// low four bits are the format, the next three what it is relative to, the highest that it points to the pointer.
/// </summary>
internal readonly struct PointerEncoding(byte value)
{
    public const byte Absolute = 0x00;
    public const byte Omit = 0xff;
    public const byte DataRelativeSigned4 = 0x3b;

    private const byte Uleb128 = 0x01;
    private const byte Unsigned2 = 0x02;
    private const byte Unsigned4 = 0x03;
    private const byte Unsigned8 = 0x04;
    private const byte Sleb128 = 0x09;
    private const byte Signed2 = 0x0a;
    private const byte Signed4 = 0x0b;
    private const byte Signed8 = 0x0c;

    private const byte RelativeToPlace = 0x10;
    private const byte RelativeToText = 0x20;
    private const byte RelativeToData = 0x30;
    private const byte Aligned = 0x50;
    private const byte Indirect = 0x80;

    public byte Value { get; } = value;

    public bool IsOmitted => Value == Omit;

    /// <summary>Reads a pointer; what it is relative to comes with <paramref name="bases"/>.</summary>
    public ulong Read(ref ByteReader reader, in PointerBases bases)
    {
        if ((Value & Indirect) != 0)
        {
            reader.ThrowMalformed("a code address behind an indirect pointer");
        }

        ulong place = unchecked(bases.Section + (ulong)reader.Position);
        switch (Value & 0x70)
        {
            case 0x00:
                return ReadRaw(ref reader);
            case RelativeToPlace:
                return unchecked(place + ReadRaw(ref reader));
            case RelativeToText when bases.Text is ulong text:
                return unchecked(text + ReadRaw(ref reader));
            case RelativeToData when bases.Data is ulong data:
                return unchecked(data + ReadRaw(ref reader));
            case Aligned:
                reader.Skip((long)(unchecked(0 - place) & 7));
                return reader.ReadUInt64();
            default:
                reader.ThrowMalformed($"pointer encoding 0x{Value:x2} has no base here");
                return 0;
        }
    }

    /// <summary>A length: the format alone, relative to nothing, never negative.</summary>
    public ulong ReadLength(ref ByteReader reader)
    {
        switch (Value & 0x0f)
        {
            case Signed2: return reader.ReadUInt16();
            case Signed4: return reader.ReadUInt32();
            default: return ReadRaw(ref reader);
        }
    }

    /// <summary>Moves past a pointer whose value is not wanted (a personality routine).</summary>
    public void Skip(ref ByteReader reader, ulong sectionAddress)
    {
        if ((Value & 0x70) == Aligned)
        {
            reader.Skip((long)(unchecked(0 - (sectionAddress + (ulong)reader.Position)) & 7));
            reader.Skip(8);
            return;
        }

        ReadRaw(ref reader);
    }

    private ulong ReadRaw(ref ByteReader reader)
    {
        switch (Value & 0x0f)
        {
            case Absolute: return reader.ReadUInt64();
            case Uleb128: return reader.ReadUleb128();
            case Unsigned2: return reader.ReadUInt16();
            case Unsigned4: return reader.ReadUInt32();
            case Unsigned8: return reader.ReadUInt64();
            case Sleb128: return (ulong)reader.ReadSleb128();
            case Signed2: return (ulong)reader.ReadInt16();
            case Signed4: return (ulong)reader.ReadInt32();
            case Signed8: return (ulong)reader.ReadInt64();
            default:
                reader.ThrowMalformed($"pointer encoding 0x{Value:x2} has no format");
                return 0;
        }
    }
}
