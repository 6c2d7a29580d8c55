using System.Diagnostics.CodeAnalysis;
using System.Text;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Image.Elf;

/// <summary>The sections of a file, read from its table, or inferred from its program headers where that is missing or damaged.</summary>
internal sealed class ElfSectionTable
{
    private const int HeaderSize = 64;

    private readonly Dictionary<string, ElfSection> _byName = new(StringComparer.Ordinal);

    private ElfSectionTable(ElfSection[] sections, bool isFromFile, string? problem)
    {
        Sections = sections;
        IsFromFile = isFromFile;
        Problem = problem;
        foreach (ElfSection section in sections)
        {
            _byName.TryAdd(section.Name, section);
        }
    }

    public ElfSection[] Sections { get; }

    public bool IsFromFile { get; }

    public string? Problem { get; }

    public static ElfSectionTable Read(ElfImage image, Limits limits)
    {
        string? problem = null;
        if (image.Header.SectionHeaderOffset != 0)
        {
            try
            {
                ElfSection[] sections = ReadHeaders(image, limits);
                if (sections.Length > 1)
                {
                    return new ElfSectionTable(sections, isFromFile: true, problem: null);
                }
            }
            catch (MalformedDataException exception)
            {
                problem = exception.Message;
            }
        }

        return new ElfSectionTable(ElfInferredSections.Infer(image), isFromFile: false, problem);
    }

    public bool TryGet(string name, [NotNullWhen(true)] out ElfSection? section) =>
        _byName.TryGetValue(name, out section)
        || (name.StartsWith(".debug_", StringComparison.Ordinal) && _byName.TryGetValue(".z" + name[1..], out section));

    public bool TryFind(ImageOffset address, [NotNullWhen(true)] out ElfSection? section)
    {
        foreach (ElfSection candidate in Sections)
        {
            if (candidate.IsLoaded && !candidate.IsThreadLocal && candidate.Contains(address))
            {
                section = candidate;
                return true;
            }
        }

        section = null;
        return false;
    }

    private static ElfSection[] ReadHeaders(ElfImage image, Limits limits)
    {
        ElfHeader header = image.Header;
        if (header.SectionHeaderSize != HeaderSize)
        {
            throw new MalformedDataException(image.Name, 58, $"section headers of {header.SectionHeaderSize} bytes, not {HeaderSize}");
        }

        if (header.SectionHeaderOffset > (ulong)image.FileLength)
        {
            throw new MalformedDataException(image.Name, 40, "the section header table lies past the end of the file");
        }

        long offset = (long)header.SectionHeaderOffset;
        long count = header.SectionHeaderCount;
        long names = header.SectionNamesIndex;
        if (count == 0 || names == ElfHeader.LargeIndex)
        {
            // Numbers too large for the header stand in section 0 (gABI chapter 4, e_shnum and e_shstrndx).
            var first = new ByteReader(image.Source.ReadExactly(offset, HeaderSize, image.Name), image.Name, 32);
            ulong size = first.ReadUInt64();
            uint link = first.ReadUInt32();
            count = count == 0 ? (long)Math.Min(size, int.MaxValue) : count;
            names = names == ElfHeader.LargeIndex ? link : names;
        }

        if (count > limits.MaxSections)
        {
            throw new MalformedDataException(image.Name, 60, $"{count} sections, more than the limit of {limits.MaxSections}");
        }

        byte[] table = image.Source.ReadExactly(offset, count * HeaderSize, image.Name);
        ReadOnlySpan<byte> strings = ReadNames(image, table, names, count, limits);
        var sections = new ElfSection[count];
        for (int i = 0; i < sections.Length; i++)
        {
            var reader = new ByteReader(table.AsSpan(i * HeaderSize, HeaderSize), image.Name);
            uint name = reader.ReadUInt32();
            sections[i] = WithoutHoles(image, Parse(ref reader, i, NameAt(strings, name, image.Name)));
        }

        return sections;
    }

    private static ReadOnlySpan<byte> ReadNames(ElfImage image, byte[] table, long index, long count, Limits limits)
    {
        if (index == 0)
        {
            return default;
        }

        if (index >= count)
        {
            throw new MalformedDataException(image.Name, 62, $"section {index} of {count} should hold the names");
        }

        var reader = new ByteReader(table, image.Name, (index * HeaderSize) + 24);
        ulong offset = reader.ReadUInt64();
        ulong size = reader.ReadUInt64();
        if (offset > (ulong)image.FileLength || size > (ulong)limits.MaxSectionBytes)
        {
            throw new MalformedDataException(image.Name, reader.Position, "the section names lie past the end of the file");
        }

        return image.Source.ReadExactly((long)offset, (long)size, image.Name);
    }

    private static string NameAt(ReadOnlySpan<byte> strings, uint offset, string what)
    {
        if (strings.IsEmpty)
        {
            return "";
        }

        if (offset >= (uint)strings.Length)
        {
            throw new MalformedDataException(what, offset, "a section's name lies outside the table of names");
        }

        // Bounded, since many sections may share one endless name.
        ReadOnlySpan<byte> name = strings[(int)offset..Math.Min(strings.Length, (int)Math.Min(offset + 1024L, int.MaxValue))];
        int length = name.IndexOf((byte)0);
        return Encoding.UTF8.GetString(length < 0 ? name : name[..length]);
    }

    // As in a file of debug information, which has only the headers of what it leaves out.
    private static ElfSection WithoutHoles(ElfImage image, ElfSection section) =>
        section.HasContents && !image.Source.IsWhole && section.FileOffset <= long.MaxValue && section.Size <= long.MaxValue
            && !image.Source.Has((long)section.FileOffset, (long)section.Size)
            ? section with { Type = ElfSectionType.NoBits }
            : section;

    private static ElfSection Parse(ref ByteReader reader, int index, string name) => new()
    {
        Index = index,
        Name = name,
        Type = (ElfSectionType)reader.ReadUInt32(),
        Flags = reader.ReadUInt64(),
        Address = new ImageOffset(reader.ReadUInt64()),
        FileOffset = reader.ReadUInt64(),
        Size = reader.ReadUInt64(),
        Link = reader.ReadUInt32(),
        Info = reader.ReadUInt32(),
        Alignment = reader.ReadUInt64(),
        EntrySize = reader.ReadUInt64(),
    };
}
