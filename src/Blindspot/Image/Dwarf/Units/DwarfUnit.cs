using System.Diagnostics.CodeAnalysis;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Units;

/// <summary>One unit, and what values mean inside it. Not thread-safe; malformed data throws.</summary>
internal sealed class DwarfUnit(DwarfFile file, int index, UnitHeader header)
{
    private AbbreviationTable? _abbreviations;
    private UnitRoot? _root;

    public DwarfFile File { get; } = file;

    /// <summary>Which of the file's units it is.</summary>
    public int Index { get; } = index;

    public UnitHeader Header { get; } = header;

    public AbbreviationTable Abbreviations => _abbreviations ??= File.AbbreviationsOf(Header);

    public UnitRoot Root => _root ??= ReadRoot();

    /// <summary>Its entries, or most of them, are in another file (.dwo, .dwp).</summary>
    public bool IsSkeleton => Header.Kind == UnitHeader.Skeleton || Root.NamesOtherFile;

    /// <summary>DW_AT_low_pc, which ranges are relative to; 0 where it has none.</summary>
    public ulong BaseAddress => AsAddress(Root.LowPc) ?? 0;

    public string? Name => AsText(Root.Name);

    public string? CompilationDirectory => AsText(Root.CompilationDirectory);

    public EntryCursor Entries() => new(this, Header.EntriesStart);

    public EntryCursor EntriesFrom(int offset) => new(this, offset);

    /// <summary>Null for what is no address; an index without its table is malformed.</summary>
    public ulong? AsAddress(in AttributeValue value)
    {
        switch (value.Form)
        {
            case DwarfForm.Address:
                return value.Value;
            case DwarfForm.AddressIndex:
            case DwarfForm.AddressIndex1:
            case DwarfForm.AddressIndex2:
            case DwarfForm.AddressIndex3:
            case DwarfForm.AddressIndex4:
            case DwarfForm.GnuAddressIndex:
                return ReadIndexedAddress(value.Value);
            default:
                return null;
        }
    }

    public ulong ReadIndexedAddress(ulong index)
    {
        // The base points behind the table's header (DWARF 5, section 7.27).
        ulong start = Root.AddressBase ?? (Header.Encoding.Version >= 5 ? (Header.Encoding.Is64Bit ? 16UL : 8UL) : 0);
        ByteReader reader = At(File.Sections.Addresses, ".debug_addr", start, index, Header.Encoding.AddressSize);
        return reader.ReadUnsigned(Header.Encoding.AddressSize);
    }

    /// <summary>The bytes of a string; empty for what is no string, or is in a supplementary file that was not found.</summary>
    public ReadOnlySpan<byte> AsString(in AttributeValue value)
    {
        DwarfSections sections = File.Sections;
        switch (value.Form)
        {
            case DwarfForm.String:
                return new ByteReader(sections.Info.Span, ".debug_info", value.Position).ReadCStringBytes();
            case DwarfForm.StringPointer:
                return DwarfFile.ReadString(sections.Strings, ".debug_str", value.Value);
            case DwarfForm.LineStringPointer:
                return DwarfFile.ReadString(sections.LineStrings, ".debug_line_str", value.Value);
            case DwarfForm.StringPointerSupplementary:
            case DwarfForm.GnuStringPointerAlternate:
                return File.Supplementary is { } other ? DwarfFile.ReadString(other.Sections.Strings, ".debug_str", value.Value) : default;
            case DwarfForm.StringIndex:
            case DwarfForm.StringIndex1:
            case DwarfForm.StringIndex2:
            case DwarfForm.StringIndex3:
            case DwarfForm.StringIndex4:
            case DwarfForm.GnuStringIndex:
                bool is64Bit = Header.Encoding.Is64Bit;
                ulong start = Root.StringOffsetsBase ?? (Header.Encoding.Version >= 5 ? (is64Bit ? 16UL : 8UL) : 0);
                ByteReader reader = At(sections.StringOffsets, ".debug_str_offsets", start, value.Value, Header.Encoding.OffsetSize);
                return DwarfFile.ReadString(sections.Strings, ".debug_str", reader.ReadOffset(is64Bit));
            default:
                return default;
        }
    }

    /// <summary>Null for an empty string and for what is none.</summary>
    public string? AsText(in AttributeValue value)
    {
        ReadOnlySpan<byte> bytes = AsString(value);
        return bytes.IsEmpty ? null : DwarfFile.ToText(bytes);
    }

    /// <summary>The entry that a reference names; false where it names none that we have.</summary>
    public bool TryFollow(in AttributeValue value, [NotNullWhen(true)] out DwarfUnit? unit, out int offset)
    {
        unit = null;
        offset = 0;
        DwarfFile? target = File;
        ulong to = value.Value;
        switch (value.Form)
        {
            case DwarfForm.Reference1:
            case DwarfForm.Reference2:
            case DwarfForm.Reference4:
            case DwarfForm.Reference8:
            case DwarfForm.ReferenceUnsigned:
                to = unchecked(to + (ulong)Header.Offset);
                break;
            case DwarfForm.ReferenceAddress:
                break;
            case DwarfForm.GnuReferenceAlternate:
            case DwarfForm.ReferenceSupplementary4:
            case DwarfForm.ReferenceSupplementary8:
                target = File.Supplementary;
                break;
            default:
                return false;
        }

        int found = target?.FindUnit(to) ?? -1;
        if (found < 0 || to < (ulong)target!.HeaderOf(found).EntriesStart)
        {
            return false;
        }

        unit = target.UnitAt(found);
        offset = (int)to;
        return true;
    }

    public ReadOnlySpan<byte> AsBlock(in AttributeValue value) =>
        value.IsBlock ? File.Sections.Info.Span.Slice(value.Position, (int)value.Value) : default;

    /// <summary>Offset into .debug_rnglists of the list with this index (DWARF 5, section 7.28).</summary>
    public ulong ReadRangeListOffset(ulong index)
    {
        bool is64Bit = Header.Encoding.Is64Bit;
        ulong start = Root.RangeListsBase ?? (is64Bit ? 20UL : 12UL);
        ByteReader reader = At(File.Sections.RangeLists, ".debug_rnglists", start, index, Header.Encoding.OffsetSize);
        return unchecked(start + reader.ReadOffset(is64Bit));
    }

    private static ByteReader At(ReadOnlyMemory<byte> section, string name, ulong start, ulong index, int size)
    {
        if (start > (ulong)section.Length || index > (ulong)section.Length / (ulong)size)
        {
            throw new MalformedDataException(name, (long)Math.Min(start, long.MaxValue), $"index {index} reaches past the end");
        }

        return new ByteReader(section.Span, name, (long)(start + (index * (ulong)size)));
    }

    private UnitRoot ReadRoot()
    {
        EntryCursor cursor = Entries();
        return UnitRoot.Read(ref cursor);
    }
}
