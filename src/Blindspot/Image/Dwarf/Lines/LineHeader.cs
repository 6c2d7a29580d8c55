using Blindspot.Image.Dwarf.Units;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Lines;

/// <summary>The header of one line number program (DWARF 5, section 6.2.4; versions 2 to 5), but for its lists of files.</summary>
internal sealed class LineHeader
{
    public required FormEncoding Encoding { get; init; }

    public required byte MinimumInstructionLength { get; init; }

    /// <summary>1 but for VLIW machines.</summary>
    public required byte MaximumOperations { get; init; }

    public required sbyte LineBase { get; init; }

    public required byte LineRange { get; init; }

    public required byte OpcodeBase { get; init; }

    /// <summary>Where the numbers of operands of the standard operations begin: a byte for each, from operation 1 on.</summary>
    public required int OperandCounts { get; init; }

    /// <summary>Where the lists of directories and files begin.</summary>
    public required int Tables { get; init; }

    public required int ProgramStart { get; init; }

    public required int ProgramEnd { get; init; }

    public static LineHeader Read(ReadOnlyMemory<byte> section, ulong offset, byte unitAddressSize)
    {
        var reader = new ByteReader(section.Span, ".debug_line", (long)Math.Min(offset, long.MaxValue));
        ulong length = reader.ReadUInt32();
        bool is64Bit = length == uint.MaxValue;
        if (is64Bit)
        {
            length = reader.ReadUInt64();
        }

        if (length > (ulong)reader.Remaining)
        {
            reader.ThrowMalformed("a line table reaches past the end of the section");
        }

        int end = (int)reader.Position + (int)length;
        reader = new ByteReader(section.Span[..end], ".debug_line", reader.Position);
        ushort version = reader.ReadUInt16();
        if (version is < 2 or > 5)
        {
            reader.ThrowMalformed($"line table version {version} is not known");
        }

        byte addressSize = unitAddressSize;
        if (version >= 5)
        {
            addressSize = reader.ReadByte();
            reader.ReadByte(); // segment selectors, which nobody uses
        }

        ulong headerLength = reader.ReadOffset(is64Bit);
        if (headerLength > (ulong)reader.Remaining)
        {
            reader.ThrowMalformed("a line table's header is longer than the table");
        }

        int programStart = (int)reader.Position + (int)headerLength;
        byte minimumInstructionLength = reader.ReadByte();
        byte maximumOperations = version >= 4 ? Math.Max((byte)1, reader.ReadByte()) : (byte)1;
        reader.ReadByte(); // default_is_stmt: we look at all rows
        sbyte lineBase = reader.ReadSByte();
        byte lineRange = reader.ReadByte();
        byte opcodeBase = reader.ReadByte();
        if (opcodeBase == 0)
        {
            reader.ThrowMalformed("opcode_base is 0");
        }

        int operandCounts = (int)reader.Position;
        reader.Skip(opcodeBase - 1);
        return new LineHeader
        {
            Encoding = new FormEncoding((byte)version, addressSize, is64Bit),
            MinimumInstructionLength = minimumInstructionLength,
            MaximumOperations = maximumOperations,
            LineBase = lineBase,
            LineRange = lineRange,
            OpcodeBase = opcodeBase,
            OperandCounts = operandCounts,
            Tables = (int)reader.Position,
            ProgramStart = programStart,
            ProgramEnd = end,
        };
    }
}
