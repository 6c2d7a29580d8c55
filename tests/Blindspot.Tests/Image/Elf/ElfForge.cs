using System.Buffers.Binary;
using System.Text;

namespace Blindspot.Tests.Image.Elf;

/// <summary>Writes small ELF files: a position-independent one with code, symbols, notes and whatever sections a test adds.</summary>
internal sealed class ElfForge
{
    public const ulong TextAddress = 0x1000;
    public const int TextSize = 0x200;

    private readonly List<(string Name, uint Type, ulong Flags, ulong Address, byte[] Contents, uint Link, uint EntrySize)> _sections = [];
    private readonly List<byte[]> _symbols = [new byte[24]];
    private readonly List<byte> _names = [0];

    public ElfForge()
    {
        // Section 1 is .text, which symbols refer to.
        AddSection(".text", 1, 2 | 4, TextAddress, new byte[TextSize]);
    }

    public ushort Type { get; set; } = 3;

    public ushort Machine { get; set; } = 62;

    public bool WithSectionTable { get; set; } = true;

    /// <summary>Adds a read-only PT_LOAD of the whole file at address 0, as linkers do for the headers.</summary>
    public bool WithHeaderSegment { get; set; }

    public ElfForge AddSection(string name, uint type, ulong flags, ulong address, byte[] contents, uint link = 0, uint entrySize = 0)
    {
        _sections.Add((name, type, flags, address, contents, link, entrySize));
        return this;
    }

    public ElfForge AddSymbol(string name, ulong value, ulong size, int type, int binding = 1, int section = 1)
    {
        byte[] entry = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(entry, (uint)_names.Count);
        _names.AddRange(Encoding.UTF8.GetBytes(name));
        _names.Add(0);
        entry[4] = (byte)((binding << 4) | type);
        BinaryPrimitives.WriteUInt16LittleEndian(entry.AsSpan(6), (ushort)section);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(8), value);
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(16), size);
        _symbols.Add(entry);
        return this;
    }

    public static byte[] Note(string owner, uint type, byte[] contents)
    {
        var writer = new BinaryWriter(new MemoryStream());
        byte[] name = Encoding.ASCII.GetBytes(owner + "\0");
        writer.Write(name.Length);
        writer.Write(contents.Length);
        writer.Write(type);
        writer.Write(name);
        Pad(writer, 4);
        writer.Write(contents);
        Pad(writer, 4);
        return ((MemoryStream)writer.BaseStream).ToArray();
    }

    public byte[] Build()
    {
        var sections = new List<(string Name, uint Type, ulong Flags, ulong Address, byte[] Contents, uint Link, uint EntrySize)>(_sections);
        if (_symbols.Count > 1)
        {
            sections.Add((".symtab", 2, 0, 0, _symbols.SelectMany(entry => entry).ToArray(), (uint)sections.Count + 2, 24));
            sections.Add((".strtab", 3, 0, 0, _names.ToArray(), 0, 0));
        }

        var nameTable = new List<byte> { 0 };
        int[] nameOffsets = new int[sections.Count + 1];
        for (int i = 0; i <= sections.Count; i++)
        {
            nameOffsets[i] = nameTable.Count;
            nameTable.AddRange(Encoding.ASCII.GetBytes(i < sections.Count ? sections[i].Name : ".shstrtab"));
            nameTable.Add(0);
        }

        sections.Add((".shstrtab", 3, 0, 0, nameTable.ToArray(), 0, 0));

        var writer = new BinaryWriter(new MemoryStream());
        writer.Write(new byte[64 + (3 * 56)]);
        long[] offsets = new long[sections.Count];
        for (int i = 0; i < sections.Count; i++)
        {
            Pad(writer, 16);
            offsets[i] = writer.BaseStream.Position;
            if (sections[i].Type != 8)
            {
                writer.Write(sections[i].Contents);
            }
        }

        Pad(writer, 8);
        long table = writer.BaseStream.Position;
        if (WithSectionTable)
        {
            writer.Write(new byte[64]);
            for (int i = 0; i < sections.Count; i++)
            {
                writer.Write(nameOffsets[i]);
                writer.Write(sections[i].Type);
                writer.Write(sections[i].Flags);
                writer.Write(sections[i].Address);
                writer.Write(offsets[i]);
                writer.Write((long)sections[i].Contents.Length);
                writer.Write(sections[i].Link);
                writer.Write(0);
                writer.Write(4L);
                writer.Write((long)sections[i].EntrySize);
            }
        }

        int note = sections.FindIndex(section => section.Type == 7);
        writer.BaseStream.Position = 0;
        writer.Write([0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1, 0]);
        writer.Write(0L);
        writer.Write(Type);
        writer.Write(Machine);
        writer.Write(1);
        writer.Write(TextAddress);
        writer.Write(64L);
        writer.Write(WithSectionTable ? table : 0L);
        writer.Write(0);
        writer.Write((ushort)64);
        writer.Write((ushort)56);
        writer.Write((ushort)(1 + (note < 0 ? 0 : 1) + (WithHeaderSegment ? 1 : 0)));
        writer.Write((ushort)64);
        writer.Write((ushort)(WithSectionTable ? sections.Count + 1 : 0));
        writer.Write((ushort)(WithSectionTable ? sections.Count : 0));
        WriteSegment(writer, 1, 5, offsets[0], TextAddress, TextSize, TextSize + 0x100);
        if (note >= 0)
        {
            WriteSegment(writer, 4, 4, offsets[note], 0, sections[note].Contents.Length, sections[note].Contents.Length);
        }

        if (WithHeaderSegment)
        {
            WriteSegment(writer, 1, 4, 0, 0, table, table);
        }

        return ((MemoryStream)writer.BaseStream).ToArray();
    }

    private static void WriteSegment(BinaryWriter writer, uint type, uint flags, long offset, ulong address, long fileSize, long memorySize)
    {
        writer.Write(type);
        writer.Write(flags);
        writer.Write(offset);
        writer.Write(address);
        writer.Write(address);
        writer.Write(fileSize);
        writer.Write(memorySize);
        writer.Write(4L);
    }

    private static void Pad(BinaryWriter writer, int alignment)
    {
        while (writer.BaseStream.Position % alignment != 0)
        {
            writer.Write((byte)0);
        }
    }
}
