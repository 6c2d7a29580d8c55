using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Image.Elf;

/// <summary>
/// The sections that readers ask for by name, for a file (or an image in memory) that has only program headers. Where
/// the true end is not known they reach to the end of their segment.
/// </summary>
internal static class ElfInferredSections
{
    private const ulong Loaded = 2;
    private const ulong LoadedCode = 2 | 4;
    private const int SymbolSize = 24;

    public static ElfSection[] Infer(ElfImage image)
    {
        var sections = new List<ElfSection>
        {
            new() { Index = 0, Name = "", Type = ElfSectionType.Null, IsInferred = true },
        };

        AddUnwindTables(image, sections);
        if (ElfDynamic.Read(image) is { } dynamic)
        {
            AddDynamic(image, sections, dynamic);
        }

        return [.. sections];
    }

    private static void AddUnwindTables(ElfImage image, List<ElfSection> sections)
    {
        if (image.FindSegment(ElfSegmentType.GnuEhFrame) is not { } header
            || !TryAdd(image, sections, ".eh_frame_hdr", ElfSectionType.ProgramBits, header.Address, header.FileSize))
        {
            return;
        }

        // LSB Core, "The .eh_frame_hdr section": version 1, three encodings, eh_frame_ptr. All linkers write that
        // pointer as DW_EH_PE_pcrel | DW_EH_PE_sdata4 (0x1b).
        Span<byte> start = stackalloc byte[8];
        if (image.Read(new ImageOffset(header.Address), start) == 8 && start[0] == 1 && start[1] == 0x1b)
        {
            var reader = new ByteReader(start, ".eh_frame_hdr", 4);
            ulong frames = header.Address + 4 + (ulong)(long)reader.ReadInt32();
            TryAdd(image, sections, ".eh_frame", ElfSectionType.ProgramBits, frames, ulong.MaxValue);
        }
    }

    private static void AddDynamic(ElfImage image, List<ElfSection> sections, ElfDynamic dynamic)
    {
        if (image.FindSegment(ElfSegmentType.Dynamic) is { } segment)
        {
            TryAdd(image, sections, ".dynamic", ElfSectionType.Dynamic, segment.Address, segment.FileSize);
        }

        if (dynamic.SymbolTable is not { } symbols || dynamic.StringTable is not { } strings || dynamic.StringTableSize is not { } stringsSize)
        {
            return;
        }

        // Linkers put the strings right behind the symbols: the last resort where no hash table counts them.
        ulong? size = dynamic.CountSymbols(image) is { } count ? (ulong)count * SymbolSize
            : strings > symbols ? strings - symbols
            : null;
        if (size is null || !TryAdd(image, sections, ".dynstr", ElfSectionType.StringTable, strings, stringsSize))
        {
            return;
        }

        int names = sections.Count - 1;
        if (TryAdd(image, sections, ".dynsym", ElfSectionType.DynamicSymbols, symbols, size.Value))
        {
            sections[^1] = sections[^1] with { Link = (uint)names, EntrySize = SymbolSize };
        }
    }

    private static bool TryAdd(ElfImage image, List<ElfSection> sections, string name, ElfSectionType type, ulong address, ulong size)
    {
        if (!image.TryGetFileOffset(new ImageOffset(address), out long offset, out long available))
        {
            return false;
        }

        sections.Add(new ElfSection
        {
            Index = sections.Count,
            Name = name,
            Type = type,
            Flags = image.IsExecutableAddress(new ImageOffset(address)) ? LoadedCode : Loaded,
            Address = new ImageOffset(address),
            FileOffset = (ulong)offset,
            Size = Math.Min(size, (ulong)available),
            IsInferred = true,
        });
        return true;
    }
}
