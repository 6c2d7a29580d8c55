namespace Blindspot.Image.Dwarf;

/// <summary>
/// Finds what covers an address among ranges that may overlap, the innermost (the one that begins last) first.
/// Immutable once built.
/// </summary>
internal sealed class RangeIndex
{
    /// <summary>How far to look back past ranges that begin below an address and end before it.</summary>
    private const int MaxLookBack = 1024;

    private readonly Entry[] _entries;

    /// <summary>At i the highest end of entries 0..i: where it is not above an address, no earlier entry covers that address.</summary>
    private readonly ulong[] _reach;

    private RangeIndex(Entry[] entries)
    {
        _entries = entries;
        _reach = new ulong[entries.Length];
        ulong reach = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            reach = Math.Max(reach, entries[i].High);
            _reach[i] = reach;
        }
    }

    public int Count => _entries.Length;

    /// <summary>Sorts <paramref name="entries"/> and keeps them.</summary>
    public static RangeIndex Build(List<Entry> entries)
    {
        Entry[] sorted = [.. entries];
        Array.Sort(sorted);
        return new RangeIndex(sorted);
    }

    /// <summary>
    /// The next range that covers <paramref name="pc"/>, from <paramref name="position"/> downwards: -1 to begin, then as
    /// it was left. False when there is no more.
    /// </summary>
    public bool TryFindNext(ulong pc, ref int position, out Entry entry)
    {
        int from = position < 0 ? CountUpTo(pc) : position;
        int last = Math.Max(0, from - MaxLookBack);
        for (int i = from - 1; i >= last && _reach[i] > pc; i--)
        {
            if (_entries[i].High > pc)
            {
                entry = _entries[i];
                position = i;
                return true;
            }
        }

        position = 0;
        entry = default;
        return false;
    }

    private int CountUpTo(ulong pc)
    {
        int low = 0;
        int high = _entries.Length;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (_entries[middle].Low <= pc)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }

    /// <param name="Low">First address.</param>
    /// <param name="High">First address behind it.</param>
    /// <param name="Value">What lies there: a unit's index, or an entry's offset.</param>
    internal readonly record struct Entry(ulong Low, ulong High, int Value) : IComparable<Entry>
    {
        /// <summary>By start; of equal starts the longest first, so that the innermost is met first from above.</summary>
        public int CompareTo(Entry other)
        {
            int order = Low.CompareTo(other.Low);
            if (order != 0)
            {
                return order;
            }

            order = other.High.CompareTo(High);
            return order != 0 ? order : Value.CompareTo(other.Value);
        }
    }
}
