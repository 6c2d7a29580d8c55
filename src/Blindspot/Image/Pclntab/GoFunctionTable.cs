using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Blindspot.Primitives;

namespace Blindspot.Image.Pclntab;

/// <summary>
/// Go's function table (pclntab): every Go function of an image with its name, source lines, inlined calls and, per
/// instruction, the depth of its stack frame. It is there in stripped binaries too. Immutable; thread-safe.
/// Go: src/runtime/symtab.go, src/cmd/link/internal/ld/pcln.go.
/// </summary>
public sealed partial class GoFunctionTable
{
    private readonly ReadOnlyMemory<byte> _table;
    private readonly ReadOnlyMemory<byte> _functionData;
    private readonly UseMap? _use;
    private readonly UseMap? _functionDataUse;
    private readonly GoPclntabHeader _header;
    private readonly ulong _text;
    private readonly FrozenDictionary<int, GoFunctionKind> _kinds;
    private readonly int _wrapperId;
    private readonly ConcurrentDictionary<int, string> _names = new();
    private readonly ConcurrentDictionary<uint, string> _files = new();
    private readonly long[] _depthCache = new long[DepthCacheSize];

    private GoFunctionTable(
        ReadOnlyMemory<byte> table,
        ImageOffset address,
        GoPclntabHeader header,
        ulong text,
        ReadOnlyMemory<byte> functionData,
        UseMap? use,
        UseMap? functionDataUse)
    {
        _use = use;
        _functionDataUse = functionDataUse;
        _table = table;
        _header = header;
        _text = text;
        _functionData = functionData;
        Address = address;
        _kinds = header.Version == GoPclntabVersion.Go12
            ? FrozenDictionary<int, GoFunctionKind>.Empty
            : GoFunctionKinds.FindOffsets(table.Span[header.Names..header.CompilationUnits]);
        MarkIndex();
        CheckOrder();
        _wrapperId = FindWrapperId();
    }

    public GoPclntabVersion Version => _header.Version;

    /// <summary>Where the table lies in the image.</summary>
    public ImageOffset Address { get; }

    /// <summary>How many functions it has.</summary>
    public int Count => _header.FunctionCount;

    /// <summary>First byte of Go code (the runtime's minpc).</summary>
    public ImageOffset TextStart => new(EntryAt(0));

    /// <summary>First byte behind Go code (the runtime's maxpc).</summary>
    public ImageOffset TextEnd => new(EntryAt(Count));

    /// <summary>False if calls that were inlined can't be told, since the data that describe them were not given.</summary>
    public bool HasInlineTrees => !_functionData.IsEmpty && !_header.HasAbsoluteEntries;

    /// <summary>True if the bytes begin like the header of such a table.</summary>
    public static bool IsHeader(ReadOnlySpan<byte> bytes) => GoPclntabHeader.StartsLikeOne(bytes);

    /// <summary>
    /// Reads a table's header and checks its index.
    /// </summary>
    /// <param name="table">The table from its header on; may be longer than it.</param>
    /// <param name="tableAddress">Where it lies in the image.</param>
    /// <param name="textStart">
    /// What entries count from (runtime.text, moduledata.text); null to take the header's, which is zero in files of
    /// Go 1.26 and later and in position-independent ones that have not been relocated.
    /// </param>
    /// <param name="functionData">The image's bytes from moduledata.gofunc on; empty if not known: inlined calls are then not told.</param>
    /// <param name="use">Gets the parts of the table that are used; null when nobody asks.</param>
    /// <param name="functionDataUse">Likewise of the function data; null too where they are part of the table.</param>
    /// <exception cref="MalformedDataException">The bytes are no such table.</exception>
    public static GoFunctionTable Open(
        ReadOnlyMemory<byte> table,
        ImageOffset tableAddress,
        ImageOffset? textStart,
        ReadOnlyMemory<byte> functionData,
        UseMap? use = null,
        UseMap? functionDataUse = null)
    {
        GoPclntabHeader header = GoPclntabHeader.Read(table.Span);
        ulong text = header.HasAbsoluteEntries ? 0 : textStart?.Value ?? header.TextStart;
        return new GoFunctionTable(table, tableAddress, header, text, functionData, use, functionDataUse);
    }

    public bool TryFind(ImageOffset pc, out GoFunction function)
    {
        ulong target = unchecked(pc.Value - _text);
        if (target < RawEntryAt(0) || target >= RawEntryAt(Count))
        {
            function = default;
            return false;
        }

        int low = 0;
        int high = Count;
        while (high - low > 1)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (RawEntryAt(middle) <= target)
            {
                low = middle;
            }
            else
            {
                high = middle;
            }
        }

        return TryGet(low, out function);
    }

    /// <summary>The function at a place of the table; false if its record is malformed.</summary>
    public bool TryGet(int index, out GoFunction function)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
        int record = RecordAt(index);
        int size = RecordSize;
        ReadOnlySpan<byte> table = _table.Span;
        if (record < 0 || record > table.Length - size)
        {
            function = default;
            return false;
        }

        _use?.Mark(record, size);
        ReadOnlySpan<byte> bytes = table.Slice(record + (_header.HasAbsoluteEntries ? 4 : 0), size - (_header.HasAbsoluteEntries ? 4 : 0));
        ReadOnlySpan<byte> tail = bytes[^4..];
        int name = BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]);
        byte funcId = tail[0];
        GoFunctionFlags flags = _header.Version == GoPclntabVersion.Go12 ? GoFunctionFlags.None : (GoFunctionFlags)tail[1];
        function = new GoFunction
        {
            Index = index,
            Entry = new ImageOffset(EntryAt(index)),
            End = new ImageOffset(EntryAt(index + 1)),
            FuncId = funcId,
            Flags = flags,
            Kind = KindOf(name, funcId, flags),
            NameOffset = name,
            Record = record,
            RecordSize = size,
            StackDepths = BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]),
            FileNumbers = BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]),
            LineNumbers = BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]),
            PcDataCount = BinaryPrimitives.ReadUInt32LittleEndian(bytes[28..]),
            CompilationUnit = _header.Version == GoPclntabVersion.Go12 ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            FunctionDataCount = tail[3],
        };
        return true;
    }

    /// <summary>The function's name as Go's own stack traces print it: type arguments as "[...]".</summary>
    public string GetName(in GoFunction function) => NameAt(function.NameOffset);

    /// <summary>Looks through the whole table for a function with the name; of several (a wrapper and what it wraps) it takes the wrapped one.</summary>
    public bool TryFindByName(string name, out GoFunction function)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name + "\0");
        function = default;
        bool found = false;
        for (int i = 0; i < Count; i++)
        {
            int record = RecordAt(i);
            int at = record + (_header.HasAbsoluteEntries ? 8 : 4);
            if (record < 0 || at > _table.Length - 4)
            {
                continue;
            }

            int offset = BinaryPrimitives.ReadInt32LittleEndian(_table.Span[at..]);
            if (NameBytesFrom(offset).StartsWith(bytes) && TryGet(i, out GoFunction candidate) && (!found || candidate.Kind != GoFunctionKind.Wrapper))
            {
                MarkName(offset, bytes.Length);
                function = candidate;
                found = true;
            }
        }

        return found;
    }

    /// <summary>The names of several functions at once, in one pass over the table; <paramref name="functions"/> gets those that were found.</summary>
    public void FindByNames(IReadOnlyCollection<string> names, Dictionary<string, GoFunction> functions)
    {
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> wanted =
            new HashSet<string>(names).GetAlternateLookup<ReadOnlySpan<char>>();
        int longest = 0;
        foreach (string name in names)
        {
            longest = Math.Max(longest, name.Length);
        }

        Span<char> text = longest <= 256 ? stackalloc char[256] : new char[longest];
        for (int i = 0; i < Count; i++)
        {
            int record = RecordAt(i);
            int at = record + (_header.HasAbsoluteEntries ? 8 : 4);
            if (record < 0 || at > _table.Length - 4)
            {
                continue;
            }

            ReadOnlySpan<byte> rest = NameBytesFrom(BinaryPrimitives.ReadInt32LittleEndian(_table.Span[at..]));
            int length = rest[..Math.Min(rest.Length, longest + 1)].IndexOf((byte)0);
            if (length > 0
                && Encoding.UTF8.TryGetChars(rest[..length], text, out int written)
                && wanted.TryGetValue(text[..written], out string? name)
                && TryGet(i, out GoFunction function)
                && (!functions.ContainsKey(name) || function.Kind != GoFunctionKind.Wrapper))
            {
                MarkName(function.NameOffset, length);
                functions[name] = function;
            }
        }
    }

    internal string NameAt(int offset)
    {
        if (_names.TryGetValue(offset, out string? known))
        {
            return known;
        }

        ReadOnlySpan<byte> bytes = NameBytesFrom(offset);
        int length = bytes.IndexOf((byte)0);
        MarkName(offset, length);
        string name = length < 0 ? "" : ForPrint(Encoding.UTF8.GetString(bytes[..Math.Min(length, Limits.Default.MaxNameLength)]));
        return _names.GetOrAdd(offset, name);
    }

    /// <summary>Go: src/runtime/traceback.go, funcNameForPrint.</summary>
    private static string ForPrint(string name)
    {
        int open = name.IndexOf('[');
        int close = name.LastIndexOf(']');
        return open < 0 || close <= open ? name : string.Concat(name.AsSpan(0, open), "[...]", name.AsSpan(close + 1));
    }

    private ReadOnlySpan<byte> NameBytesFrom(int offset)
    {
        ReadOnlySpan<byte> names = _header.Version == GoPclntabVersion.Go12
            ? _table.Span
            : _table.Span[_header.Names.._header.CompilationUnits];
        return (uint)offset < (uint)names.Length ? names[offset..] : default;
    }

    private int RecordSize => _header.Version switch
    {
        GoPclntabVersion.Go12 => 40,
        GoPclntabVersion.Go118 => 40,
        _ => 44,
    };

    private ulong EntryAt(int index) => unchecked(_text + RawEntryAt(index));

    private ulong RawEntryAt(int index) => _header.HasAbsoluteEntries
        ? BinaryPrimitives.ReadUInt64LittleEndian(_table.Span[(_header.Functions + (index * 16))..])
        : BinaryPrimitives.ReadUInt32LittleEndian(_table.Span[(_header.Functions + (index * 8))..]);

    /// <summary>Offset of a function's record from the table's start, -1 if it can't be one.</summary>
    private int RecordAt(int index)
    {
        ulong offset = _header.HasAbsoluteEntries
            ? BinaryPrimitives.ReadUInt64LittleEndian(_table.Span[(_header.Functions + (index * 16) + 8)..])
            : BinaryPrimitives.ReadUInt32LittleEndian(_table.Span[(_header.Functions + (index * 8) + 4)..]);
        int start = _header.Version == GoPclntabVersion.Go12 ? 0 : _header.Functions;
        return offset < (ulong)(_table.Length - start) ? start + (int)offset : -1;
    }

    // The header, the index (it is searched by halves) and the names by which special functions are told.
    private void MarkIndex()
    {
        if (_use is null)
        {
            return;
        }

        int entry = _header.HasAbsoluteEntries ? 16 : 8;
        _use.Mark(0, GoPclntabHeader.MaxSize);
        _use.Mark(_header.Functions, (long)(Count + 1) * entry);
        foreach (int name in _kinds.Keys)
        {
            MarkName(name, NameBytesFrom(name).IndexOf((byte)0));
        }
    }

    // With the zero of the name before it.
    private void MarkName(int offset, int length)
    {
        int names = _header.Version == GoPclntabVersion.Go12 ? 0 : _header.Names;
        _use?.Mark(names + offset - 1L, Math.Max(0, length) + 2L);
    }

    private void CheckOrder()
    {
        ulong previous = 0;
        for (int i = 0; i <= Count; i++)
        {
            ulong entry = RawEntryAt(i);
            if (entry < previous)
            {
                throw new MalformedDataException(GoPclntabHeader.Section, _header.Functions, $"function {i} lies before the one ahead of it");
            }

            previous = entry;
        }
    }

    /// <summary>
    /// The number that this version gives to wrappers: the one behind systemstack_switch in every version from 1.12 to
    /// 1.27 (Go: src/internal/abi/symtab.go; before 1.21 src/cmd/internal/objabi/funcid.go).
    /// </summary>
    private int FindWrapperId()
    {
        foreach ((int name, GoFunctionKind kind) in _kinds)
        {
            if (kind != GoFunctionKind.SystemStackSwitch)
            {
                continue;
            }

            for (int i = 0; i < Count; i++)
            {
                int record = RecordAt(i);
                int size = RecordSize;
                if (record >= 0
                    && record <= _table.Length - size
                    && BinaryPrimitives.ReadInt32LittleEndian(_table.Span[(record + (_header.HasAbsoluteEntries ? 8 : 4))..]) == name)
                {
                    _use?.Mark(record, size);
                    return _table.Span[record + size - 4] + 1;
                }
            }
        }

        return -1;
    }

    internal bool IsWrapper(byte funcId) => funcId == _wrapperId;

    private GoFunctionKind KindOf(int name, byte funcId, GoFunctionFlags flags)
    {
        if (funcId != 0 && funcId == _wrapperId)
        {
            return GoFunctionKind.Wrapper;
        }

        if (!_kinds.TryGetValue(name, out GoFunctionKind kind))
        {
            return GoFunctionKind.Ordinary;
        }

        return GoFunctionKinds.IsAssembly(kind) && (flags & GoFunctionFlags.Assembly) == 0 ? GoFunctionKind.Wrapper : kind;
    }
}
