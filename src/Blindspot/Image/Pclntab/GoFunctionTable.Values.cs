using System.Buffers.Binary;
using System.Text;
using Blindspot.Primitives;

namespace Blindspot.Image.Pclntab;

/// <summary>What the table tells of single instructions: stack depths, lines and inlined calls.</summary>
public sealed partial class GoFunctionTable
{
    private const int DepthCacheSize = 4096;

    /// <summary>Go: src/internal/abi/symtab.go, PCDATA_InlTreeIndex and FUNCDATA_InlTree; the same from 1.13 to 1.27.</summary>
    private const int InlineTreeIndexTable = 2;
    private const int InlineTreeData = 3;

    private int PcTablesStart => _header.Version == GoPclntabVersion.Go12 ? 0 : _header.PcValues;

    private ReadOnlySpan<byte> PcTables => _header.Version == GoPclntabVersion.Go12
        ? _table.Span
        : _table.Span[_header.PcValues.._header.Functions];

    /// <summary>
    /// How many bytes of stack the function has taken at an instruction, below the return address: the caller's sp is
    /// sp + <paramref name="bytes"/> + 8. It is -8 where a function has popped its return address
    /// (syscall.rawVforkSyscall). False if the table does not tell.
    /// </summary>
    public bool TryGetStackDepth(in GoFunction function, ImageOffset pc, out int bytes)
    {
        // An entry holds pc+1 in its upper half, the depth in the lower: one word, so that threads can share it.
        uint offset = unchecked((uint)(pc.Value - _text));
        ref long slot = ref _depthCache[(offset * 2654435769u) >> 20];
        long cached = Volatile.Read(ref slot);
        if ((uint)(cached >> 32) == offset + 1 && !_header.HasAbsoluteEntries)
        {
            bytes = (int)cached;
            return true;
        }

        if (!TryGetValue(function.StackDepths, unchecked((uint)(pc - function.Entry)), out bytes)
            || (bytes & 7) != 0)
        {
            bytes = 0;
            return false;
        }

        if (offset != uint.MaxValue)
        {
            Volatile.Write(ref slot, ((long)(offset + 1) << 32) | (uint)bytes);
        }

        return true;
    }

    /// <summary>Rows of the function's table of stack depths; throws if it is malformed.</summary>
    public PcValueReader ReadStackDepths(in GoFunction function) => new(PcTables, function.StackDepths);

    /// <summary>Rows of the function's table of lines; throws if it is malformed.</summary>
    public PcValueReader ReadLines(in GoFunction function) => new(PcTables, function.LineNumbers);

    /// <summary>
    /// Appends the functions at an instruction, the innermost inlined one first, the function that holds the code last.
    /// False if no function of the table is there.
    /// </summary>
    /// <param name="pc">For a return address, the byte before it.</param>
    public bool FindFrames(ImageOffset pc, List<SourceFrame> frames)
    {
        if (!TryFind(pc, out GoFunction function))
        {
            return false;
        }

        FindFrames(function, pc, frames, null);
        return true;
    }

    /// <summary>
    /// The same, with what kind of function each is (the runtime's traces leave wrappers out, unless they panic).
    /// </summary>
    public void FindFrames(in GoFunction function, ImageOffset pc, List<SourceFrame> frames, List<GoFunctionKind>? kinds)
    {
        uint offset = unchecked((uint)(pc - function.Entry));
        if (HasInlineTrees && TryGetInlineTree(function, out uint treeStart, out uint indexTable))
        {
            GoInlineTree tree = new(_functionData.Span, treeStart, _header.Version);
            for (int depth = 0; depth < Limits.Default.MaxNesting; depth++)
            {
                if (!TryGetValue(indexTable, offset, out int index)
                    || index < 0
                    || !tree.TryRead(index, out int nameOffset, out uint parentPc, out byte funcId))
                {
                    break;
                }

                MarkInlinedCall(treeStart, index);
                GetLine(function, offset, out string? inlinedFile, out int inlinedLine);
                frames.Add(new SourceFrame(NameAt(nameOffset), inlinedFile, inlinedLine, true));
                kinds?.Add(KindOf(nameOffset, funcId, GoFunctionFlags.None));
                offset = parentPc;
            }
        }

        GetLine(function, offset, out string? file, out int line);
        frames.Add(new SourceFrame(GetName(function), file, line, false));
        kinds?.Add(function.Kind);
    }

    private void MarkInlinedCall(uint treeStart, int index)
    {
        int size = GoInlineTree.EntrySize(_header.Version);
        long at = treeStart + ((long)index * size);
        if (_functionDataUse is not null)
        {
            _functionDataUse.Mark(at, size);
        }
        else
        {
            // Function data that lie within the table are a tail of it.
            _use?.Mark(_table.Length - _functionData.Length + at, size);
        }
    }

    private void GetLine(in GoFunction function, uint offset, out string? file, out int line)
    {
        file = null;
        if (!TryGetValue(function.LineNumbers, offset, out line) || line < 0)
        {
            line = 0;
        }

        if (TryGetValue(function.FileNumbers, offset, out int number) && number >= 0)
        {
            file = FileOf(function, (uint)number);
        }
    }

    private string? FileOf(in GoFunction function, uint number)
    {
        ReadOnlySpan<byte> table = _table.Span;
        bool isGo12 = _header.Version == GoPclntabVersion.Go12;
        long at = isGo12
            ? _header.Files + (4L * number)
            : _header.CompilationUnits + (4L * ((long)function.CompilationUnit + number));
        if (at > (isGo12 ? table.Length : _header.Files) - 4)
        {
            return null;
        }

        _use?.Mark(at, 4);
        uint offset = BinaryPrimitives.ReadUInt32LittleEndian(table[(int)at..]);
        if (_files.TryGetValue(offset, out string? known))
        {
            return known;
        }

        ReadOnlySpan<byte> files = isGo12 ? table : table[_header.Files.._header.PcValues];
        if (offset >= (uint)files.Length)
        {
            return null; // ~0 marks a file that the linker dropped
        }

        ReadOnlySpan<byte> rest = files[(int)offset..];
        int length = rest.IndexOf((byte)0);
        _use?.Mark((isGo12 ? 0 : _header.Files) + (long)offset, length + 1L);
        return length <= 0
            ? null
            : _files.GetOrAdd(offset, Encoding.UTF8.GetString(rest[..Math.Min(length, Limits.Default.MaxNameLength)]));
    }

    /// <summary>
    /// Where the function's inline tree begins in the function data (moduledata.gofunc plus an offset, ~0 for none),
    /// and the pc-value table of indexes into it.
    /// </summary>
    private bool TryGetInlineTree(in GoFunction function, out uint treeStart, out uint indexTable)
    {
        treeStart = 0;
        indexTable = 0;
        long lists = (long)function.Record + function.RecordSize;
        long data = lists + (4L * function.PcDataCount) + (4 * InlineTreeData);
        if (function.PcDataCount <= InlineTreeIndexTable || function.FunctionDataCount <= InlineTreeData || data > _table.Length - 4)
        {
            return false;
        }

        _use?.Mark(lists, data + 4 - lists);
        ReadOnlySpan<byte> table = _table.Span;
        treeStart = BinaryPrimitives.ReadUInt32LittleEndian(table[(int)data..]);
        indexTable = BinaryPrimitives.ReadUInt32LittleEndian(table[((int)lists + (4 * InlineTreeIndexTable))..]);
        return treeStart != uint.MaxValue && indexTable != 0;
    }

    /// <summary>The value of a table at an instruction; false if there is none or the table is malformed. Never throws.</summary>
    private bool TryGetValue(uint table, uint offset, out int value)
    {
        value = -1;
        ReadOnlySpan<byte> tables = PcTables;
        if (table == 0 || table >= (uint)tables.Length)
        {
            return false;
        }

        try
        {
            PcValueReader rows = new(tables, table);
            while (rows.MoveNext())
            {
                if (offset < rows.EndOffset)
                {
                    _use?.Mark(PcTablesStart + (long)table, rows.Position - table);
                    value = rows.Value;
                    return true;
                }
            }
        }
        catch (MalformedDataException)
        {
            // A damaged table tells nothing, as one that ends early.
        }

        return false;
    }
}
