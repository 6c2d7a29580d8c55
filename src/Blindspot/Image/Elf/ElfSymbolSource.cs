using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>One symbol table of one file, as bytes: .symtab or .dynsym with its strings.</summary>
internal sealed class ElfSymbolSource
{
    private readonly ReadOnlyMemory<byte> _entries;
    private readonly ReadOnlyMemory<byte> _names;
    private readonly ElfImage _image;
    private readonly bool _knowsSections;
    private readonly int _maxNameLength;

    private ElfSymbolSource(ElfImage image, ReadOnlyMemory<byte> entries, ReadOnlyMemory<byte> names, bool isDynamic, int firstIndex)
    {
        _image = image;
        _entries = entries;
        _names = names;
        _knowsSections = image.HasSectionTable;
        _maxNameLength = image.Limits.MaxNameLength;
        IsDynamic = isDynamic;
        FirstIndex = firstIndex;
        Count = entries.Length / ElfSymbolEntry.Size;
    }

    /// <summary>Number of its first symbol within the merged table.</summary>
    public int FirstIndex { get; }

    public int Count { get; }

    /// <summary>It is .dynsym.</summary>
    public bool IsDynamic { get; }

    public ReadOnlySpan<byte> Entries => _entries.Span;

    /// <summary>Null when the file has no such table, or only its header.</summary>
    /// <exception cref="MalformedDataException">It is there, and damaged.</exception>
    public static ElfSymbolSource? Open(ElfImage image, ElfSectionType type, int firstIndex)
    {
        foreach (ElfSection section in image.Sections)
        {
            if (section.Type != type || section.Size < ElfSymbolEntry.Size)
            {
                continue;
            }

            if (section.Size / ElfSymbolEntry.Size > (ulong)(image.Limits.MaxSymbols - firstIndex))
            {
                throw new MalformedDataException(section.Name, 0, $"{section.Size / ElfSymbolEntry.Size} symbols, more than the limit of {image.Limits.MaxSymbols}");
            }

            if (section.Link >= image.Sections.Count || image.Sections[(int)section.Link].Type != ElfSectionType.StringTable)
            {
                throw new MalformedDataException(section.Name, 0, $"its names should be in section {section.Link}, which is no string table");
            }

            return new ElfSymbolSource(image, image.ReadSection(section), image.ReadSection(image.Sections[(int)section.Link]), type == ElfSectionType.DynamicSymbols, firstIndex);
        }

        return null;
    }

    public ElfSymbolEntry Entry(int index) => new(_entries.Span.Slice(index * ElfSymbolEntry.Size, ElfSymbolEntry.Size));

    /// <summary>The name's bytes, cut at the limit; empty where the table holds none.</summary>
    public ReadOnlySpan<byte> NameBytes(uint offset)
    {
        if (offset >= (uint)_names.Length)
        {
            return default;
        }

        ReadOnlySpan<byte> rest = _names.Span[(int)offset..];
        if (rest.Length > _maxNameLength)
        {
            rest = rest[.._maxNameLength];
        }

        int length = rest.IndexOf((byte)0);
        return length < 0 ? rest : rest[..length];
    }

    /// <summary>
    /// Whether it names code: a function, or a label without a type in an executable section, as assembly has them
    /// (glibc's __restore_rt is one).
    /// </summary>
    public bool IsCode(in ElfSymbolEntry entry)
    {
        if (!entry.IsInSection || entry.Name == 0)
        {
            return false;
        }

        return entry.IsFunction || (entry.Type == ElfSymbolType.None && IsInExecutableSection(entry));
    }

    public bool IsData(in ElfSymbolEntry entry)
    {
        if (!entry.IsInSection || entry.Name == 0)
        {
            return false;
        }

        return entry.Type switch
        {
            ElfSymbolType.Object or ElfSymbolType.Common => true,
            ElfSymbolType.None => entry.Length > 0 && !IsInExecutableSection(entry),
            _ => false,
        };
    }

    /// <summary>Where a symbol without a size ends at the latest: with its section, or its segment.</summary>
    public ulong LimitOf(in ElfSymbolEntry entry)
    {
        if (_knowsSections && entry.SectionIndex < _image.Sections.Count)
        {
            ElfSection section = _image.Sections[entry.SectionIndex];
            return section.Contains(new ImageOffset(entry.Value)) ? section.End.Value : entry.Value;
        }

        foreach (Primitives.Elf.ElfSegment load in _image.LoadSegments)
        {
            if (load.Contains(entry.Value))
            {
                return load.Address + load.MemorySize;
            }
        }

        return entry.Value;
    }

    private bool IsInExecutableSection(in ElfSymbolEntry entry) =>
        _knowsSections && entry.SectionIndex < _image.Sections.Count
            ? _image.Sections[entry.SectionIndex].IsExecutable
            : _image.IsExecutableAddress(new ImageOffset(entry.Value));
}
