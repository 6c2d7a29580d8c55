namespace Blindspot.Target.Saved;

/// <summary>Saved bytes by address, or by offset in a file. Thread-safe.</summary>
internal sealed class SavedRanges(SavedRange[] ranges, BlockReader blocks)
{
    /// <summary>Reads up to the first byte that was not saved.</summary>
    public int Read(ulong address, Span<byte> destination)
    {
        int total = 0;
        for (int i = LastNotAbove(address); i >= 0 && i < ranges.Length && total < destination.Length; i++)
        {
            SavedRange range = ranges[i];
            ulong into = unchecked(address + (ulong)total) - range.Address;
            if (into >= range.Length)
            {
                break;
            }

            int count = (int)Math.Min((ulong)(destination.Length - total), range.Length - into);
            int read = blocks.Read(range.Position + into, destination.Slice(total, count));
            total += read;
            if (read < count)
            {
                break;
            }
        }

        return total;
    }

    /// <summary>Whether a range was saved whole.</summary>
    public bool Has(ulong address, ulong length)
    {
        ulong at = address;
        for (int i = LastNotAbove(address); i >= 0 && i < ranges.Length && at - address < length; i++)
        {
            if (at - ranges[i].Address >= ranges[i].Length)
            {
                return false;
            }

            at = ranges[i].End;
        }

        return at - address >= length;
    }

    /// <summary>The first address of a saved range above one; the largest of all if there is none.</summary>
    public ulong NextFrom(ulong address)
    {
        int next = LastNotAbove(address) + 1;
        return next < ranges.Length ? ranges[next].Address : ulong.MaxValue;
    }

    private int LastNotAbove(ulong address)
    {
        int low = 0;
        int high = ranges.Length - 1;
        while (low <= high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (ranges[middle].Address <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return high;
    }
}
