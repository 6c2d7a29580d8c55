using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>Our own table of descriptions by address, for sections that come without one. Immutable.</summary>
internal sealed class CallFrameIndex
{
    /// <summary>How far to look back past descriptions that begin below an address and end before it.</summary>
    private const int MaxOverlaps = 256;

    private readonly Entry[] _entries;

    /// <summary>At i the highest end of entries 0..i: where it is not above an address, no earlier entry covers that address.</summary>
    private readonly ulong[] _reach;

    private CallFrameIndex(Entry[] entries, bool isIncomplete)
    {
        _entries = entries;
        _reach = new ulong[entries.Length];
        ulong reach = 0;
        for (int i = 0; i < entries.Length; i++)
        {
            reach = Math.Max(reach, entries[i].End);
            _reach[i] = reach;
        }

        IsIncomplete = isIncomplete;
    }

    public int Count => _entries.Length;

    /// <summary>Some entries were malformed; an address that is not found may have been theirs.</summary>
    public bool IsIncomplete { get; }

    public static CallFrameIndex Build(CallFrameSection section)
    {
        var entries = new List<Entry>();
        bool isIncomplete = false;
        int length = section.Bytes.Length;
        for (int offset = 0; offset < length;)
        {
            int next = length;
            try
            {
                if (section.TryReadDescription(offset, out FrameDescription description, out next) && !description.IsDiscarded)
                {
                    entries.Add(new Entry(description.Start, description.End, offset));
                }
            }
            catch (MalformedDataException)
            {
                // The entry's length stands, unless that is what is wrong: then next is the section's end.
                isIncomplete = true;
            }

            offset = next;
        }

        Entry[] sorted = [.. entries];
        Array.Sort(sorted);
        return new CallFrameIndex(sorted, isIncomplete);
    }

    /// <summary>The innermost description that covers <paramref name="pc"/>, as an offset into the section.</summary>
    public bool TryFind(ulong pc, out int descriptionOffset)
    {
        int low = 0;
        int high = _entries.Length;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (_entries[middle].Start <= pc)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        int last = Math.Max(0, low - MaxOverlaps);
        for (int i = low - 1; i >= last && _reach[i] > pc; i--)
        {
            if (_entries[i].End > pc)
            {
                descriptionOffset = _entries[i].Offset;
                return true;
            }
        }

        descriptionOffset = 0;
        return false;
    }

    private readonly record struct Entry(ulong Start, ulong End, int Offset) : IComparable<Entry>
    {
        /// <summary>By start; of equal starts the longest first, so that the innermost is met first from above.</summary>
        public int CompareTo(Entry other)
        {
            int order = Start.CompareTo(other.Start);
            return order != 0 ? order : other.End.CompareTo(End);
        }
    }
}
