using Blindspot.Image.Dwarf.Units;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Lines;

/// <summary>The header of one line number program (DWARF 5, section 6.2.4; versions 2 to 5).</summary>
internal sealed class LineHeader
{
    private const int ContentPath = 1;
    private const int ContentDirectory = 2;
    private const string Section = ".debug_line";

    /// <summary>Bound on directories and on files of one table.</summary>
    private const int MaxNames = 1_000_000;

    public FormEncoding Encoding { get; private set; }

    public byte MinimumInstructionLength { get; private set; }

    /// <summary>1 but for VLIW machines.</summary>
    public byte MaximumOperations { get; private set; } = 1;

    public sbyte LineBase { get; private set; }

    public byte LineRange { get; private set; }

    public byte OpcodeBase { get; private set; }

    /// <summary>How many LEB128 operands each standard operation has; index 0 stands for operation 1.</summary>
    public byte[] OperandCounts { get; private set; } = [];

    public List<AttributeValue> Directories { get; } = [];

    public List<LineFile> Files { get; } = [];

    public int ProgramStart { get; private set; }

    public int ProgramEnd { get; private set; }

    public static LineHeader Read(ReadOnlyMemory<byte> section, ulong offset, byte unitAddressSize)
    {
        var header = new LineHeader();
        var reader = new ByteReader(section.Span, Section, (long)Math.Min(offset, long.MaxValue));
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

        header.ProgramEnd = (int)reader.Position + (int)length;
        reader = new ByteReader(section.Span[..header.ProgramEnd], Section, reader.Position);
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

        header.Encoding = new FormEncoding((byte)version, addressSize, is64Bit);
        ulong headerLength = reader.ReadOffset(is64Bit);
        if (headerLength > (ulong)reader.Remaining)
        {
            reader.ThrowMalformed("a line table's header is longer than the table");
        }

        header.ProgramStart = (int)reader.Position + (int)headerLength;
        header.MinimumInstructionLength = reader.ReadByte();
        if (version >= 4)
        {
            header.MaximumOperations = Math.Max((byte)1, reader.ReadByte());
        }

        reader.ReadByte(); // default_is_stmt: we look at all rows
        header.LineBase = reader.ReadSByte();
        header.LineRange = reader.ReadByte();
        header.OpcodeBase = reader.ReadByte();
        if (header.OpcodeBase == 0)
        {
            reader.ThrowMalformed("opcode_base is 0");
        }

        header.OperandCounts = reader.ReadBytes(header.OpcodeBase - 1).ToArray();
        if (version >= 5)
        {
            header.ReadTables(ref reader);
        }
        else
        {
            header.ReadOldTables(ref reader);
        }

        return header;
    }

    /// <summary>Versions 2 to 4: strings, each list ended by an empty one; both count from 1, directory 0 being the unit's own.</summary>
    private void ReadOldTables(ref ByteReader reader)
    {
        Directories.Add(default);
        while (TryReadName(ref reader, out AttributeValue name))
        {
            Directories.Add(name);
        }

        Files.Add(default);
        while (TryReadName(ref reader, out AttributeValue name))
        {
            Files.Add(ReadOldFile(ref reader, name));
        }
    }

    /// <summary>What follows a file's name in versions 2 to 4, also in DW_LNE_define_file.</summary>
    public static LineFile ReadOldFile(ref ByteReader reader, AttributeValue name)
    {
        ulong directory = reader.ReadUleb128();
        reader.ReadUleb128(); // time of last change
        reader.ReadUleb128(); // length
        return new LineFile(name, (int)Math.Min(directory, int.MaxValue));
    }

    public static bool TryReadName(ref ByteReader reader, out AttributeValue name)
    {
        int start = (int)reader.Position;
        bool isName = !reader.ReadCStringBytes().IsEmpty;
        name = new AttributeValue(DwarfAttribute.Name, DwarfForm.String, 0, start);
        return isName;
    }

    /// <summary>Version 5 (section 6.2.4.1): the entries' format comes first; both lists count from 0.</summary>
    private void ReadTables(ref ByteReader reader)
    {
        foreach ((AttributeValue name, _) in ReadTable(ref reader))
        {
            Directories.Add(name);
        }

        foreach ((AttributeValue name, ulong directory) in ReadTable(ref reader))
        {
            Files.Add(new LineFile(name, (int)Math.Min(directory, int.MaxValue)));
        }
    }

    private List<(AttributeValue Name, ulong Directory)> ReadTable(ref ByteReader reader)
    {
        var formats = new (ulong Content, DwarfForm Form)[reader.ReadByte()];
        for (int i = 0; i < formats.Length; i++)
        {
            formats[i].Content = reader.ReadUleb128();
            formats[i].Form = (DwarfForm)Math.Min(reader.ReadUleb128(), ushort.MaxValue);
        }

        ulong count = reader.ReadUleb128();
        if (count > MaxNames || (formats.Length == 0 && count > 0))
        {
            reader.ThrowMalformed($"{count} directories or files");
        }

        var entries = new List<(AttributeValue, ulong)>();
        for (ulong i = 0; i < count; i++)
        {
            AttributeValue name = default;
            ulong directory = 0;
            foreach ((ulong content, DwarfForm form) in formats)
            {
                AttributeValue value = FormReader.Read(ref reader, DwarfAttribute.Name, form, 0, Encoding);
                if (content == ContentPath)
                {
                    name = value;
                }
                else if (content == ContentDirectory)
                {
                    directory = value.Value;
                }
            }

            entries.Add((name, directory));
        }

        return entries;
    }
}
