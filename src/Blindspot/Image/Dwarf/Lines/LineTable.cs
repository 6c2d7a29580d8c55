using Blindspot.Image.Dwarf.Units;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Lines;

/// <summary>The line table of one unit. Not thread-safe (paths are made when asked for).</summary>
internal sealed class LineTable
{
    private readonly DwarfUnit _unit;
    private readonly LineHeader _header;
    private readonly LineRow[] _rows;
    private readonly LineSequence[] _sequences;
    private readonly RangeIndex _index;
    private readonly List<int>? _definedFiles;
    private LineFiles? _files;
    private string?[] _paths = [];

    private LineTable(DwarfUnit unit, LineHeader header, List<LineRow> rows, List<LineSequence> sequences, in LineProgram program)
    {
        _unit = unit;
        _header = header;
        _rows = [.. rows];
        _sequences = [.. sequences];
        _definedFiles = program.DefinedFiles;
        ProgramRowCount = program.RowCount;
        var entries = new List<RangeIndex.Entry>(_sequences.Length);
        for (int i = 0; i < _sequences.Length; i++)
        {
            entries.Add(new RangeIndex.Entry(_sequences[i].Start, _sequences[i].End, i));
        }

        _index = RangeIndex.Build(entries);
    }

    public ReadOnlySpan<LineSequence> Sequences => _sequences;

    /// <summary>Rows that the program made, before any were left out.</summary>
    public long ProgramRowCount { get; }

    /// <summary>Why the table ends early; null when it is whole.</summary>
    public string? Problem { get; private set; }

    /// <summary>A sequence that is malformed ends the table; what came before it is kept.</summary>
    public static LineTable Read(DwarfUnit unit, ulong offset)
    {
        ReadOnlyMemory<byte> section = unit.File.Sections.Lines;
        LineHeader header = LineHeader.Read(section, offset, unit.Header.Encoding.AddressSize);
        (List<LineRow> rows, List<LineSequence> sequences) = unit.File.LineScratch;
        rows.Clear();
        sequences.Clear();
        unit.File.SpendLineBytes(header.ProgramEnd - (long)offset);
        var program = new LineProgram(section, header, rows, sequences);
        string? problem = null;
        try
        {
            program.Run();
        }
        catch (MalformedDataException malformed)
        {
            problem = malformed.Message;
        }

        return new LineTable(unit, header, rows, sequences, program) { Problem = problem };
    }

    /// <summary>The line and the file's index; false where the table does not cover the address.</summary>
    public bool TryFind(ulong pc, out int line, out int file)
    {
        int position = -1;
        if (!_index.TryFindNext(pc, ref position, out RangeIndex.Entry entry))
        {
            line = 0;
            file = 0;
            return false;
        }

        LineSequence sequence = _sequences[entry.Value];
        ReadOnlySpan<LineRow> rows = _rows.AsSpan(sequence.FirstRow, sequence.RowCount);
        ulong delta = pc - sequence.Start;
        int low = 0;
        int high = rows.Length;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (rows[middle].Delta <= delta)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        // The first row's delta is 0, so there is one.
        LineRow row = rows[low - 1];
        line = row.Line;
        file = row.File;
        return true;
    }

    /// <summary>A file's path, with its directory and, if that is relative, the unit's; null where the table has no such file.</summary>
    public string? PathOf(int file)
    {
        try
        {
            if (_files is null)
            {
                _files = LineFiles.Read(_unit.File.Sections.Lines, _header, _definedFiles);
                _paths = new string?[_files.Count];
            }

            return (uint)file < (uint)_paths.Length ? _paths[file] ??= MakePath(_files, _files[file]) : null;
        }
        catch (MalformedDataException malformed)
        {
            Problem ??= malformed.Message;
            return null;
        }
    }

    private string? MakePath(LineFiles files, LineFile file)
    {
        string? name = ReadText(file.Name);
        if (name is null || name.StartsWith('/'))
        {
            return name;
        }

        string? directory = ReadText(files.DirectoryAt(file.Directory));
        if (directory is null || !directory.StartsWith('/'))
        {
            string? unit = _unit.CompilationDirectory;
            directory = directory is null ? unit : unit is null ? directory : Join(unit, directory);
        }

        return directory is null ? name : Join(directory, name);
    }

    /// <summary>Inline strings are in .debug_line here, all other forms mean what they mean in the unit.</summary>
    private string? ReadText(AttributeValue value)
    {
        if (value.Form != DwarfForm.String)
        {
            return _unit.AsText(value);
        }

        ReadOnlySpan<byte> bytes = new ByteReader(_unit.File.Sections.Lines.Span, ".debug_line", value.Position).ReadCStringBytes();
        return bytes.IsEmpty ? null : DwarfFile.ToText(bytes);
    }

    private static string Join(string directory, string name) =>
        directory.EndsWith('/') ? directory + name : directory + "/" + name;
}
