using System.Text;
using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>
/// The symbols of a module: .symtab and .dynsym of its file and .symtab of its debug file, as one; where there is no
/// .symtab, its mini debug information. Nothing is copied but the order; the indexes by address and by name are made when
/// they are first used. Thread-safe.
/// </summary>
public sealed class ElfSymbolTable
{
    private readonly ElfSymbolSource[] _sources;
    private readonly Lazy<ElfSymbolRanges> _functions;
    private readonly Lazy<ElfSymbolRanges> _objects;
    private readonly Lazy<ElfSymbolNames> _names;
    private readonly Lazy<ElfPltTable> _plt;

    private ElfSymbolTable(ElfImage image, ElfSymbolSource[] sources, string? problem)
    {
        _sources = sources;
        Problem = problem;
        foreach (ElfSymbolSource source in sources)
        {
            Count += source.Count;
        }

        _functions = new Lazy<ElfSymbolRanges>(() => CollectRanges(code: true));
        _objects = new Lazy<ElfSymbolRanges>(() => CollectRanges(code: false));
        _names = new Lazy<ElfSymbolNames>(() => new ElfSymbolNames(this));
        _plt = new Lazy<ElfPltTable>(() => ElfPltTable.Read(image, this));
    }

    /// <summary>All entries, also undefined ones, sections and files.</summary>
    public int Count { get; }

    /// <summary>How many functions and code labels can be found by address.</summary>
    public int FunctionCount => _functions.Value.Count;

    /// <summary>What was left out because it is damaged; null when nothing was.</summary>
    public string? Problem { get; }

    public ElfSymbol this[int index] => Symbol(index);

    /// <summary>A function by its place in the order of addresses.</summary>
    public ElfSymbol FunctionAt(int place) => Symbol(_functions.Value.SymbolAt(place));

    /// <summary>
    /// The function that holds the address: never one whose size ends before it; a label without a size reaches to the
    /// next symbol of its section. Of several names at one address: with a size before without, functions before
    /// labels, global before local, few leading underscores before many, then the first. Code of the procedure linkage
    /// table gives the function it leads to, marked <see cref="ElfSymbol.IsPlt"/>.
    /// </summary>
    public bool TryFindFunction(ImageOffset address, out ElfSymbol symbol)
    {
        int found = _functions.Value.Find(address.Value);
        if (found >= 0)
        {
            symbol = Symbol(found);
            return true;
        }

        return _plt.Value.TryFind(address.Value, out symbol);
    }

    /// <summary>The variable that holds the address; one without a size is found by its own address only.</summary>
    public bool TryFindObject(ImageOffset address, out ElfSymbol symbol)
    {
        int found = _objects.Value.Find(address.Value);
        symbol = found >= 0 ? Symbol(found) : default;
        return found >= 0;
    }

    /// <summary>A defined symbol of any kind by its exact name; a global one before a local one of the same name.</summary>
    public bool TryFindByName(string name, out ElfSymbol symbol) => TryFindByName(Encoding.UTF8.GetBytes(name), out symbol);

    /// <inheritdoc cref="TryFindByName(string, out ElfSymbol)"/>
    public bool TryFindByName(ReadOnlySpan<byte> name, out ElfSymbol symbol)
    {
        int found = _names.Value.Find(name);
        symbol = found >= 0 ? Symbol(found) : default;
        return found >= 0;
    }

    /// <summary>Number of the first symbol of .dynsym, which relocations count from; -1 without it.</summary>
    internal int FirstDynamicSymbol
    {
        get
        {
            foreach (ElfSymbolSource source in _sources)
            {
                if (source.IsDynamic)
                {
                    return source.FirstIndex;
                }
            }

            return -1;
        }
    }

    /// <param name="image">The file that is mapped.</param>
    /// <param name="debugImage">Its file of debug information, if there is one.</param>
    internal static ElfSymbolTable Build(ElfImage image, ElfImage? debugImage)
    {
        var sources = new List<ElfSymbolSource>(3);
        string? problem = null;
        Add(image, ElfSectionType.SymbolTable);
        Add(image, ElfSectionType.DynamicSymbols);
        if (debugImage is not null)
        {
            Add(debugImage, ElfSectionType.SymbolTable);
        }

        if (!sources.Exists(static source => !source.IsDynamic))
        {
            AddMiniDebugInfo();
        }

        return new ElfSymbolTable(image, [.. sources], problem);

        void Add(ElfImage from, ElfSectionType type)
        {
            try
            {
                int first = sources.Count == 0 ? 0 : sources[^1].FirstIndex + sources[^1].Count;
                if (ElfSymbolSource.Open(from, type, first) is { } source)
                {
                    sources.Add(source);
                }
            }
            catch (MalformedDataException exception)
            {
                problem ??= exception.Message;
            }
        }

        void AddMiniDebugInfo()
        {
            try
            {
                if (ElfMiniDebugInfo.Open(image) is { } mini)
                {
                    Add(mini, ElfSectionType.SymbolTable);
                }
            }
            catch (MalformedDataException exception)
            {
                problem ??= exception.Message;
            }
        }
    }

    internal ElfSymbolEntry Entry(int index)
    {
        ElfSymbolSource source = SourceOf(index);
        return source.Entry(index - source.FirstIndex);
    }

    internal ReadOnlySpan<byte> NameBytes(int index)
    {
        ElfSymbolSource source = SourceOf(index);
        return source.NameBytes(source.Entry(index - source.FirstIndex).Name);
    }

    internal ulong LimitOf(int index)
    {
        ElfSymbolSource source = SourceOf(index);
        return source.LimitOf(source.Entry(index - source.FirstIndex));
    }

    /// <summary>Which of two symbols at one address tells people more; the earlier one where nothing decides.</summary>
    internal bool IsBetter(int candidate, int current)
    {
        ElfSymbolEntry left = Entry(candidate);
        ElfSymbolEntry right = Entry(current);
        int order = (left.Length != 0).CompareTo(right.Length != 0);
        order = order != 0 ? order : left.IsFunction.CompareTo(right.IsFunction);
        order = order != 0 ? order : (left.Binding != ElfSymbolBinding.Local).CompareTo(right.Binding != ElfSymbolBinding.Local);
        order = order != 0 ? order : LeadingUnderscores(current).CompareTo(LeadingUnderscores(candidate));
        return order != 0 ? order > 0 : candidate < current;
    }

    internal ElfSymbol Symbol(int index)
    {
        ElfSymbolEntry entry = Entry(index);
        return new ElfSymbol(this, index, entry, entry.Value, entry.Length, isPlt: false);
    }

    /// <summary>The function that begins exactly at the address; -1 when none does.</summary>
    internal int FindFunctionStart(ulong address)
    {
        int found = _functions.Value.Find(address);
        return found >= 0 && Entry(found).Value == address ? found : -1;
    }

    private int LeadingUnderscores(int index)
    {
        ReadOnlySpan<byte> name = NameBytes(index);
        int other = name.IndexOfAnyExcept((byte)'_');
        return other < 0 ? name.Length : other;
    }

    private ElfSymbolSource SourceOf(int index)
    {
        for (int i = _sources.Length - 1; i > 0; i--)
        {
            if (index >= _sources[i].FirstIndex)
            {
                return _sources[i];
            }
        }

        return _sources[0];
    }

    private ElfSymbolRanges CollectRanges(bool code)
    {
        int count = 0;
        foreach (ElfSymbolSource source in _sources)
        {
            ReadOnlySpan<byte> entries = source.Entries;
            for (int i = 0; i < source.Count; i++)
            {
                var entry = new ElfSymbolEntry(entries.Slice(i * ElfSymbolEntry.Size, ElfSymbolEntry.Size));
                count += (code ? source.IsCode(entry) : source.IsData(entry)) ? 1 : 0;
            }
        }

        var addresses = new ulong[count];
        int[] symbols = new int[count];
        int next = 0;
        foreach (ElfSymbolSource source in _sources)
        {
            ReadOnlySpan<byte> entries = source.Entries;
            for (int i = 0; i < source.Count; i++)
            {
                var entry = new ElfSymbolEntry(entries.Slice(i * ElfSymbolEntry.Size, ElfSymbolEntry.Size));
                if (code ? source.IsCode(entry) : source.IsData(entry))
                {
                    addresses[next] = entry.Value;
                    symbols[next++] = source.FirstIndex + i;
                }
            }
        }

        return ElfSymbolRanges.Build(this, addresses, symbols, extend: code);
    }
}
