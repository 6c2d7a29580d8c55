using Blindspot.Image.Elf;

namespace Blindspot.Image.Dwarf;

/// <summary>
/// The sections of debug information of one file, each read (and decompressed) when first asked for. A section that the
/// file lacks is empty; one that is damaged throws <see cref="Primitives.MalformedDataException"/>. Thread-safe.
/// </summary>
public sealed class DwarfSections
{
    private readonly Lazy<ReadOnlyMemory<byte>> _info;
    private readonly Lazy<ReadOnlyMemory<byte>> _abbreviations;
    private readonly Lazy<ReadOnlyMemory<byte>> _strings;
    private readonly Lazy<ReadOnlyMemory<byte>> _stringOffsets;
    private readonly Lazy<ReadOnlyMemory<byte>> _lines;
    private readonly Lazy<ReadOnlyMemory<byte>> _lineStrings;
    private readonly Lazy<ReadOnlyMemory<byte>> _ranges;
    private readonly Lazy<ReadOnlyMemory<byte>> _rangeLists;
    private readonly Lazy<ReadOnlyMemory<byte>> _addresses;
    private readonly Lazy<ReadOnlyMemory<byte>> _addressRanges;

    /// <param name="read">Gives a section's bytes by its name (".debug_info"); empty when there is none.</param>
    public DwarfSections(Func<string, ReadOnlyMemory<byte>> read)
    {
        _info = new(() => read(".debug_info"));
        _abbreviations = new(() => read(".debug_abbrev"));
        _strings = new(() => read(".debug_str"));
        _stringOffsets = new(() => read(".debug_str_offsets"));
        _lines = new(() => read(".debug_line"));
        _lineStrings = new(() => read(".debug_line_str"));
        _ranges = new(() => read(".debug_ranges"));
        _rangeLists = new(() => read(".debug_rnglists"));
        _addresses = new(() => read(".debug_addr"));
        _addressRanges = new(() => read(".debug_aranges"));
    }

    public ReadOnlyMemory<byte> Info => _info.Value;

    public ReadOnlyMemory<byte> Abbreviations => _abbreviations.Value;

    public ReadOnlyMemory<byte> Strings => _strings.Value;

    public ReadOnlyMemory<byte> StringOffsets => _stringOffsets.Value;

    public ReadOnlyMemory<byte> Lines => _lines.Value;

    public ReadOnlyMemory<byte> LineStrings => _lineStrings.Value;

    /// <summary>.debug_ranges, of versions 3 and 4.</summary>
    public ReadOnlyMemory<byte> Ranges => _ranges.Value;

    /// <summary>.debug_rnglists, of version 5.</summary>
    public ReadOnlyMemory<byte> RangeLists => _rangeLists.Value;

    public ReadOnlyMemory<byte> Addresses => _addresses.Value;

    public ReadOnlyMemory<byte> AddressRanges => _addressRanges.Value;

    public static DwarfSections Of(ElfImage image) =>
        new(name => image.TryReadSection(name, out ReadOnlyMemory<byte> contents) ? contents : default);
}
