using Blindspot.Image.Dwarf.Functions;
using Blindspot.Image.Dwarf.Lines;
using Blindspot.Image.Dwarf.Types;
using Blindspot.Image.Dwarf.Units;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf;

/// <summary>
/// Debug information of one image: functions, inlined calls and lines by address. Units are read when an address in them
/// is first asked for, and kept. Thread-safe. Damaged parts are left out: no look-up throws, <see cref="Problem"/> tells.
/// </summary>
public sealed class DwarfInfo
{
    private readonly Lock _gate = new();
    private readonly DwarfFile _file;
    private readonly FunctionNames _names;
    private readonly LineTable?[] _lines;
    private readonly FunctionTable?[] _functions;
    private readonly bool[] _isLineTableRead;
    private readonly Dictionary<ulong, LineTable> _linesByOffset = [];
    private readonly bool[] _isDamaged;
    private readonly List<InlinedCall> _inlined = [];
    private RangeIndex? _units;

    private DwarfInfo(DwarfFile file)
    {
        _file = file;
        _names = new FunctionNames(file.Limits.MaxNesting);
        _lines = new LineTable?[file.UnitCount];
        _functions = new FunctionTable?[file.UnitCount];
        _isLineTableRead = new bool[file.UnitCount];
        _isDamaged = new bool[file.UnitCount];
        Problem = file.Problem;
        Types = new DwarfTypes(file, _gate);
    }

    /// <summary>The first thing found wrong so far, with section and offset; null while nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>
    /// Units met so far whose functions are in another file (.dwo, .dwp), which is not read: they have lines only.
    /// </summary>
    public int SkeletonUnits { get; private set; }

    /// <summary>The file refers to a supplementary file (made by dwz) that was not given: some names are missing.</summary>
    public bool LacksSupplementary { get; private set; }

    public int UnitCount => _file.UnitCount;

    public DwarfTypes Types { get; }

    internal DwarfFile File => _file;

    /// <summary>Null where the file has no debug information (.debug_info), or none that can be read.</summary>
    /// <param name="image">The image itself, or its separate debug file.</param>
    /// <param name="limits">Bounds on nesting.</param>
    /// <param name="supplementary">The file that <paramref name="image"/>'s .gnu_debugaltlink names, if it was found.</param>
    /// <exception cref="MalformedDataException">.debug_info itself cannot be read (cut short, damaged by compression).</exception>
    public static DwarfInfo? TryOpen(ElfImage image, Limits limits, ElfImage? supplementary = null)
    {
        DwarfInfo? information = TryOpen(DwarfSections.Of(image), limits, supplementary is null ? null : DwarfSections.Of(supplementary));
        if (information is not null)
        {
            information.LacksSupplementary = supplementary is null && image.AlternateLink is not null;
        }

        return information;
    }

    /// <inheritdoc cref="TryOpen(ElfImage, Limits, ElfImage?)"/>
    public static DwarfInfo? TryOpen(DwarfSections sections, Limits limits, DwarfSections? supplementary)
    {
        if (sections.Info.IsEmpty)
        {
            return null;
        }

        DwarfFile? other = supplementary is null ? null : DwarfFile.Open(supplementary, null, limits);
        return new DwarfInfo(DwarfFile.Open(sections, other, limits));
    }

    /// <summary>
    /// Adds the function at <paramref name="pc"/>, calls inlined there first, innermost before outermost. Returns how many
    /// were added; 0 where no function is known there (then <see cref="TryFindLine"/> may still know the line).
    /// </summary>
    public int FindFrames(ImageOffset pc, List<SourceFrame> into)
    {
        lock (_gate)
        {
            int position = -1;
            while (TryFindUnit(pc.Value, ref position, out int index))
            {
                int before = into.Count;
                try
                {
                    if (TryAddFrames(index, pc.Value, into))
                    {
                        return into.Count - before;
                    }
                }
                catch (MalformedDataException malformed)
                {
                    into.RemoveRange(before, into.Count - before);
                    Note(malformed);
                }
            }

            return 0;
        }
    }

    /// <summary>The source line at <paramref name="pc"/>; false where none is known.</summary>
    /// <param name="pc">The address.</param>
    /// <param name="file">Its path as recorded, or null.</param>
    /// <param name="line">1-based; 0 for code that the compiler made up.</param>
    public bool TryFindLine(ImageOffset pc, out string? file, out int line)
    {
        lock (_gate)
        {
            int position = -1;
            while (TryFindUnit(pc.Value, ref position, out int index))
            {
                try
                {
                    if (LinesOf(_file.UnitAt(index)) is { } table && table.TryFind(pc.Value, out line, out int fileIndex))
                    {
                        file = table.PathOf(fileIndex);
                        return true;
                    }
                }
                catch (MalformedDataException malformed)
                {
                    Note(malformed);
                }
            }

            file = null;
            line = 0;
            return false;
        }
    }

    /// <summary>Goes through all entries of all units, and counts them. For measuring.</summary>
    /// <exception cref="MalformedDataException">Something is damaged.</exception>
    public long CountEntries()
    {
        long entries = 0;
        for (int i = 0; i < _file.UnitCount; i++)
        {
            EntryCursor cursor = _file.UnitAt(i).Entries();
            while (cursor.MoveNext())
            {
                entries++;
            }
        }

        return entries;
    }

    /// <summary>Reads the first entry of every unit, which all else begins with, and counts them. For measuring.</summary>
    /// <exception cref="MalformedDataException">A unit is damaged.</exception>
    public int CountUnits()
    {
        int named = 0;
        for (int i = 0; i < _file.UnitCount; i++)
        {
            named += _file.UnitAt(i).Root.Tag == DwarfTag.None ? 0 : 1;
        }

        return named;
    }

    /// <summary>Reads all line tables, and counts the rows that their programs make. For measuring.</summary>
    /// <exception cref="MalformedDataException">A unit is damaged.</exception>
    public long CountLineRows()
    {
        long rows = 0;
        for (int i = 0; i < _file.UnitCount; i++)
        {
            LinesOf(_file.UnitAt(i));
        }

        foreach (LineTable table in _linesByOffset.Values)
        {
            rows += table.ProgramRowCount;
        }

        return rows;
    }

    private bool TryFindUnit(ulong pc, ref int position, out int index)
    {
        _units ??= UnitAddresses.Index(_file, LinesOf, Note);
        bool found = _units.TryFindNext(pc, ref position, out RangeIndex.Entry entry);
        index = entry.Value;
        return found;
    }

    private bool TryAddFrames(int index, ulong pc, List<SourceFrame> into)
    {
        DwarfUnit unit = _file.UnitAt(index);
        if (_isDamaged[index] || FunctionsOf(unit) is not { } functions || !functions.TryFind(pc, out int function))
        {
            return false;
        }

        LineTable? table = LinesOf(unit);
        string? file = null;
        int line = 0;
        if (table is not null && table.TryFind(pc, out line, out int fileIndex))
        {
            file = table.PathOf(fileIndex);
        }

        functions.InlinedInto(function).Find(pc, _file.Limits.MaxNesting, _inlined);
        for (int i = _inlined.Count - 1; i >= 0; i--)
        {
            InlinedCall call = _inlined[i];
            into.Add(new SourceFrame(_names.NameOf(unit, call.Entry) ?? "??", file, line, IsInlined: true));
            file = table?.PathOf(call.CallFile);
            line = call.CallLine;
        }

        if (_names.NameOf(unit, function) is not { } name)
        {
            // Without a name the symbol table is the better source, and there is nothing to hang inlined calls on.
            into.RemoveRange(into.Count - _inlined.Count, _inlined.Count);
            return false;
        }

        into.Add(new SourceFrame(name, file, line, IsInlined: false));
        return true;
    }

    private FunctionTable FunctionsOf(DwarfUnit unit)
    {
        if (_functions[unit.Index] is { } known)
        {
            return known;
        }

        if (unit.IsSkeleton)
        {
            SkeletonUnits++;
        }

        try
        {
            return _functions[unit.Index] = FunctionTable.Read(unit);
        }
        catch (MalformedDataException)
        {
            _isDamaged[unit.Index] = true;
            throw;
        }
    }

    private LineTable? LinesOf(DwarfUnit unit)
    {
        if (!_isLineTableRead[unit.Index])
        {
            _isLineTableRead[unit.Index] = true;
            try
            {
                if (unit.Root.StatementList.SectionOffset is ulong offset)
                {
                    // Units that were split from one another share a table.
                    if (!_linesByOffset.TryGetValue(offset, out LineTable? table))
                    {
                        table = LineTable.Read(unit, offset);
                        Problem ??= table.Problem;
                        _linesByOffset.Add(offset, table);
                    }

                    _lines[unit.Index] = table;
                }
            }
            catch (MalformedDataException malformed)
            {
                Note(malformed);
            }
        }

        return _lines[unit.Index];
    }

    private void Note(MalformedDataException malformed) => Problem ??= malformed.Message;
}
