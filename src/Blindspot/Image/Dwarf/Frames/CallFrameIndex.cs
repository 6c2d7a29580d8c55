using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>Our own table of descriptions by address, for sections that come without one. Immutable.</summary>
internal sealed class CallFrameIndex
{
    private readonly RangeIndex _ranges;

    private CallFrameIndex(RangeIndex ranges, bool isIncomplete)
    {
        _ranges = ranges;
        IsIncomplete = isIncomplete;
    }

    /// <summary>Some entries were malformed; an address that is not found may have been theirs.</summary>
    public bool IsIncomplete { get; }

    public static CallFrameIndex Build(CallFrameSection section)
    {
        var entries = new List<RangeIndex.Entry>();
        bool isIncomplete = false;
        int length = section.Bytes.Length;
        for (int offset = 0; offset < length;)
        {
            int next = length;
            try
            {
                if (section.TryReadDescription(offset, out FrameDescription description, out next) && !description.IsDiscarded)
                {
                    entries.Add(new RangeIndex.Entry(description.Start, description.End, offset));
                }
            }
            catch (MalformedDataException)
            {
                // The entry's length stands, unless that is what is wrong: then next is the section's end.
                isIncomplete = true;
            }

            offset = next;
        }

        return new CallFrameIndex(RangeIndex.Build(entries), isIncomplete);
    }

    /// <summary>The innermost description that covers <paramref name="pc"/>, as an offset into the section.</summary>
    public bool TryFind(ulong pc, out int descriptionOffset)
    {
        int position = -1;
        bool found = _ranges.TryFindNext(pc, ref position, out RangeIndex.Entry entry);
        descriptionOffset = entry.Value;
        return found;
    }
}
