namespace Blindspot.Image.Elf;

/// <summary>
/// Symbols of one kind by address. Ranges may nest or overlap (a label within a function): each knows the nearest
/// earlier range that reaches past its start, so that a look-up walks outward instead of backward.
/// </summary>
internal sealed class ElfSymbolRanges
{
    /// <summary>Real files nest two or three deep; the bound keeps forged ones from making look-ups slow.</summary>
    private const int MaxNesting = 64;

    private readonly ulong[] _starts;
    private readonly ulong[] _ends;
    private readonly int[] _symbols;
    private readonly int[] _outer;

    private ElfSymbolRanges(ulong[] starts, ulong[] ends, int[] symbols, int[] outer, int count)
    {
        _starts = starts;
        _ends = ends;
        _symbols = symbols;
        _outer = outer;
        Count = count;
    }

    public int Count { get; }

    /// <param name="table">Where the symbols come from.</param>
    /// <param name="addresses">Their addresses in any order; sorted in place.</param>
    /// <param name="symbols">Their numbers; sorted along.</param>
    /// <param name="extend">Symbols without a size reach to the next one or the end of their section; else they are one byte.</param>
    public static ElfSymbolRanges Build(ElfSymbolTable table, ulong[] addresses, int[] symbols, bool extend)
    {
        if (!IsSorted(addresses))
        {
            Array.Sort(addresses, symbols);
        }

        int distinct = KeepBestOfEach(table, addresses, symbols);
        var ends = new ulong[distinct];
        var outer = new int[distinct];
        int count = 0;
        for (int i = 0; i < distinct; i++)
        {
            ulong start = addresses[i];
            int around = count - 1;
            while (around >= 0 && ends[around] <= start)
            {
                around = outer[around];
            }

            ElfSymbolEntry entry = table.Entry(symbols[i]);
            ulong size = entry.Length;
            ulong end = start + size < start ? ulong.MaxValue : start + size;
            if (size == 0)
            {
                if (around >= 0 && extend)
                {
                    // A label within a function that has a size: the function's name tells more.
                    continue;
                }

                end = !extend ? start + 1
                    : Math.Min(table.LimitOf(symbols[i]), i + 1 < distinct ? addresses[i + 1] : ulong.MaxValue);
            }

            addresses[count] = start;
            symbols[count] = symbols[i];
            ends[count] = end;
            outer[count] = around;
            count++;
        }

        return new ElfSymbolRanges(addresses, ends, symbols, outer, count);
    }

    /// <summary>Number of the symbol whose range holds the address, the innermost one; -1 when none does.</summary>
    public int Find(ulong address)
    {
        int low = 0;
        int high = Count - 1;
        ulong[] starts = _starts;
        while (low <= high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (starts[middle] <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        int at = high;
        for (int i = 0; i < MaxNesting && at >= 0; i++)
        {
            if (address < _ends[at])
            {
                return _symbols[at];
            }

            at = _outer[at];
        }

        return -1;
    }

    /// <summary>Number of the symbol at a place in the order of addresses.</summary>
    public int SymbolAt(int place) => place < Count ? _symbols[place] : throw new ArgumentOutOfRangeException(nameof(place));

    private static bool IsSorted(ulong[] addresses)
    {
        for (int i = 1; i < addresses.Length; i++)
        {
            if (addresses[i - 1] > addresses[i])
            {
                return false;
            }
        }

        return true;
    }

    private static int KeepBestOfEach(ElfSymbolTable table, ulong[] addresses, int[] symbols)
    {
        int count = 0;
        for (int i = 0; i < addresses.Length;)
        {
            int best = symbols[i];
            int next = i + 1;
            for (; next < addresses.Length && addresses[next] == addresses[i]; next++)
            {
                if (table.IsBetter(symbols[next], best))
                {
                    best = symbols[next];
                }
            }

            addresses[count] = addresses[i];
            symbols[count] = best;
            count++;
            i = next;
        }

        return count;
    }
}
