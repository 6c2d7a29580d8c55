using System.Text;
using Blindspot.Image.Dwarf.Lines;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Units;

/// <summary>One file's debug information: its units, and the tables they share. Not thread-safe.</summary>
internal sealed class DwarfFile
{
    /// <summary>Bound on the abbreviations kept, in attributes: units of a damaged file may each name a different, large table.</summary>
    private const int MaxSpecifications = 16_000_000;

    private const int MinRanges = 100_000;
    private const int MinLineBytes = 1 << 20;

    /// <summary>Bytes of one string that are looked at.</summary>
    private const int MaxStringBytes = 1 << 16;

    private readonly Dictionary<(ulong Offset, FormEncoding Encoding), AbbreviationTable> _abbreviations = [];
    private readonly (List<Abbreviation>, List<AttributeSpecification>) _abbreviationScratch = ([], []);
    private readonly UnitHeader[] _headers;
    private readonly DwarfUnit?[] _units;
    private int _specifications;
    private long _rangesLeft;
    private long _lineBytesLeft;

    private DwarfFile(DwarfSections sections, DwarfFile? supplementary, Limits limits, UnitHeader[] headers, string? problem)
    {
        Sections = sections;
        Supplementary = supplementary;
        Limits = limits;
        Problem = problem;
        _headers = headers;
        _units = new DwarfUnit?[headers.Length];
        _rangesLeft = MinRanges + (sections.Info.Length / 8) + (sections.Ranges.Length / 4) + sections.RangeLists.Length;
        _lineBytesLeft = MinLineBytes + (4L * sections.Lines.Length);
    }

    public DwarfSections Sections { get; }

    /// <summary>The file that several share (made by dwz, .gnu_debugaltlink); null where there is none or it was not found.</summary>
    public DwarfFile? Supplementary { get; }

    public Limits Limits { get; }

    /// <summary>Why not all units are here; null when they are.</summary>
    public string? Problem { get; }

    /// <summary>Room to read a line table in; one at a time.</summary>
    public (List<LineRow> Rows, List<LineSequence> Sequences) LineScratch { get; } = ([], []);

    public int UnitCount => _headers.Length;

    public static DwarfFile Open(DwarfSections sections, DwarfFile? supplementary, Limits limits)
    {
        ReadOnlySpan<byte> info = sections.Info.Span;
        var headers = new List<UnitHeader>();
        string? problem = null;
        try
        {
            for (int offset = 0; offset < info.Length;)
            {
                if (UnitHeader.TryRead(info, offset, out UnitHeader header, out int next))
                {
                    headers.Add(header);
                }
                else
                {
                    problem ??= $".debug_info+0x{offset:x}: a unit of a version that is not known";
                }

                offset = next;
            }
        }
        catch (MalformedDataException malformed)
        {
            // What stands before it can be read all the same.
            problem = malformed.Message;
        }

        return new DwarfFile(sections, supplementary, limits, [.. headers], problem);
    }

    public UnitHeader HeaderOf(int index) => _headers[index];

    public DwarfUnit UnitAt(int index) => _units[index] ??= new DwarfUnit(this, index, _headers[index]);

    /// <summary>The unit that an offset into .debug_info falls into; -1 for none.</summary>
    public int FindUnit(ulong offset)
    {
        int low = 0;
        int high = _headers.Length;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if ((ulong)_headers[middle].Offset <= offset)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low > 0 && offset < (ulong)_headers[low - 1].End ? low - 1 : -1;
    }

    public AbbreviationTable AbbreviationsOf(in UnitHeader header)
    {
        (ulong, FormEncoding) key = (header.AbbreviationsOffset, header.Encoding);
        if (!_abbreviations.TryGetValue(key, out AbbreviationTable? table))
        {
            if (_specifications > MaxSpecifications)
            {
                throw new MalformedDataException(".debug_abbrev", (long)header.AbbreviationsOffset, "more abbreviations than any program has");
            }

            table = AbbreviationTable.Read(Sections.Abbreviations, header.AbbreviationsOffset, header.Encoding, _abbreviationScratch);
            _specifications += table.SpecificationCount + 16;
            _abbreviations.Add(key, table);
        }

        return table;
    }

    /// <summary>
    /// Counts a range that was read. A list is normally read a few times at most; a damaged file may have every entry
    /// name the longest list.
    /// </summary>
    public void SpendRange()
    {
        if (--_rangesLeft < 0)
        {
            throw new MalformedDataException(".debug_info", 0, "more ranges are referred to than the file holds");
        }
    }

    /// <summary>Counts a line program that is run. Normally each is run once; a damaged file's may overlap.</summary>
    public void SpendLineBytes(long count)
    {
        _lineBytesLeft -= count;
        if (_lineBytesLeft < 0)
        {
            throw new MalformedDataException(".debug_line", 0, "more line tables are referred to than the file holds");
        }
    }

    /// <summary>A string's bytes; one of more than 64 KiB, which no compiler writes, is cut there.</summary>
    public static ReadOnlySpan<byte> ReadString(ReadOnlyMemory<byte> section, string name, ulong offset)
    {
        var reader = new ByteReader(section.Span, name, (long)Math.Min(offset, long.MaxValue));
        ReadOnlySpan<byte> window = section.Span.Slice((int)reader.Position, Math.Min(reader.Remaining, MaxStringBytes));
        int end = window.IndexOf((byte)0);
        return end >= 0 ? window[..end] : window.Length == MaxStringBytes ? window : reader.ReadCStringBytes();
    }

    public static string ToText(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
