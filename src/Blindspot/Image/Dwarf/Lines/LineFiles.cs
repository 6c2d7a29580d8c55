using Blindspot.Image.Dwarf.Units;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Lines;

/// <summary>The directories and files of a line table. Read apart from its rows, since most tables' files are never asked for.</summary>
internal sealed class LineFiles
{
    private const int ContentPath = 1;
    private const int ContentDirectory = 2;

    /// <summary>Bound on directories and on files of one table.</summary>
    private const int MaxNames = 1_000_000;

    private readonly List<AttributeValue> _directories = [];
    private readonly List<LineFile> _files = [];

    private LineFiles()
    {
    }

    public int Count => _files.Count;

    public LineFile this[int index] => _files[index];

    public AttributeValue DirectoryAt(int index) => index < _directories.Count ? _directories[index] : default;

    /// <param name="section">.debug_line.</param>
    /// <param name="header">Of the table.</param>
    /// <param name="defined">Where DW_LNE_define_file adds more files, in order.</param>
    public static LineFiles Read(ReadOnlyMemory<byte> section, LineHeader header, List<int>? defined)
    {
        var files = new LineFiles();
        var reader = new ByteReader(section.Span[..header.ProgramEnd], ".debug_line", header.Tables);
        if (header.Encoding.Version >= 5)
        {
            files.ReadTables(ref reader, header.Encoding);
        }
        else
        {
            files.ReadOldTables(ref reader);
        }

        foreach (int position in defined ?? [])
        {
            reader.Position = position;
            if (TryReadName(ref reader, out AttributeValue name))
            {
                files._files.Add(ReadOldFile(ref reader, name));
            }
        }

        return files;
    }

    /// <summary>Versions 2 to 4: strings, each list ended by an empty one; both count from 1, directory 0 being the unit's own.</summary>
    private void ReadOldTables(ref ByteReader reader)
    {
        _directories.Add(default);
        while (TryReadName(ref reader, out AttributeValue name))
        {
            _directories.Add(name);
        }

        _files.Add(default);
        while (TryReadName(ref reader, out AttributeValue name))
        {
            _files.Add(ReadOldFile(ref reader, name));
        }
    }

    private static LineFile ReadOldFile(ref ByteReader reader, AttributeValue name)
    {
        ulong directory = reader.ReadUleb128();
        reader.ReadUleb128(); // time of last change
        reader.ReadUleb128(); // length
        return new LineFile(name, (int)Math.Min(directory, int.MaxValue));
    }

    private static bool TryReadName(ref ByteReader reader, out AttributeValue name)
    {
        int start = (int)reader.Position;
        bool isName = !reader.ReadCStringBytes().IsEmpty;
        name = new AttributeValue(DwarfAttribute.Name, DwarfForm.String, 0, start);
        return isName;
    }

    /// <summary>Version 5 (section 6.2.4.1): the entries' format comes first; both lists count from 0.</summary>
    private void ReadTables(ref ByteReader reader, FormEncoding encoding)
    {
        var directories = new List<LineFile>();
        ReadTable(ref reader, encoding, directories);
        foreach (LineFile directory in directories)
        {
            _directories.Add(directory.Name);
        }

        ReadTable(ref reader, encoding, _files);
    }

    private static void ReadTable(ref ByteReader reader, FormEncoding encoding, List<LineFile> into)
    {
        Span<(ulong Content, DwarfForm Form)> formats = new (ulong, DwarfForm)[reader.ReadByte()];
        for (int i = 0; i < formats.Length; i++)
        {
            formats[i].Content = reader.ReadUleb128();
            formats[i].Form = (DwarfForm)Math.Min(reader.ReadUleb128(), ushort.MaxValue);
        }

        // An entry takes a byte at least, unless its forms are such as have no use here.
        ulong count = reader.ReadUleb128();
        if (count > MaxNames || count > (ulong)reader.Remaining || (formats.IsEmpty && count > 0))
        {
            reader.ThrowMalformed($"{count} directories or files");
        }

        into.EnsureCapacity((int)count);
        for (ulong i = 0; i < count; i++)
        {
            AttributeValue name = default;
            ulong directory = 0;
            foreach ((ulong content, DwarfForm form) in formats)
            {
                AttributeValue value = FormReader.Read(ref reader, DwarfAttribute.Name, form, 0, encoding);
                if (content == ContentPath)
                {
                    name = value;
                }
                else if (content == ContentDirectory)
                {
                    directory = value.Value;
                }
            }

            into.Add(new LineFile(name, (int)Math.Min(directory, int.MaxValue)));
        }
    }
}
