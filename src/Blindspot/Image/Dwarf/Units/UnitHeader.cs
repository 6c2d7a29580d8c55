using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Units;

/// <summary>The header of a unit in .debug_info (DWARF 5, section 7.5.1).</summary>
/// <param name="Offset">Where the unit begins in the section.</param>
/// <param name="End">Where the next one begins.</param>
/// <param name="EntriesStart">Where its first entry begins.</param>
/// <param name="Encoding">Version and sizes.</param>
/// <param name="AbbreviationsOffset">Into .debug_abbrev.</param>
/// <param name="Kind">DW_UT_*; versions before 5 have compile units (1) here only.</param>
internal readonly record struct UnitHeader(int Offset, int End, int EntriesStart, FormEncoding Encoding, ulong AbbreviationsOffset, byte Kind)
{
    public const byte Compile = 1;
    public const byte Type = 2;
    public const byte Partial = 3;
    public const byte Skeleton = 4;
    public const byte SplitCompile = 5;
    public const byte SplitType = 6;

    /// <summary>
    /// Reads the header at <paramref name="offset"/>. <paramref name="next"/> is where the next unit begins, also when
    /// this returns false, for a version that is not known. A length that does not fit is malformed.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> section, int offset, out UnitHeader header, out int next)
    {
        header = default;
        var reader = new ByteReader(section, ".debug_info", offset);
        ulong length = reader.ReadUInt32();
        bool is64Bit = length == uint.MaxValue;
        if (is64Bit)
        {
            length = reader.ReadUInt64();
        }

        if (length > (ulong)reader.Remaining)
        {
            reader.ThrowMalformed("a unit reaches past the end of the section");
        }

        next = (int)reader.Position + (int)length;
        if (length < 2)
        {
            return false;
        }

        ushort version = reader.ReadUInt16();
        if (version is < 2 or > 5)
        {
            return false;
        }

        byte kind = Compile;
        byte addressSize;
        ulong abbreviations;
        if (version >= 5)
        {
            kind = reader.ReadByte();
            addressSize = reader.ReadByte();
            abbreviations = reader.ReadOffset(is64Bit);
            switch (kind)
            {
                case Skeleton or SplitCompile:
                    reader.Skip(8);
                    break;
                case Type or SplitType:
                    reader.Skip(is64Bit ? 16 : 12);
                    break;
            }
        }
        else
        {
            abbreviations = reader.ReadOffset(is64Bit);
            addressSize = reader.ReadByte();
        }

        if (addressSize is not (4 or 8))
        {
            reader.ThrowMalformed($"addresses of {addressSize} bytes");
        }

        if (reader.Position > next)
        {
            reader.ThrowMalformed("a unit is shorter than its header");
        }

        header = new UnitHeader(offset, next, (int)reader.Position, new FormEncoding((byte)version, addressSize, is64Bit), abbreviations, kind);
        return true;
    }
}
