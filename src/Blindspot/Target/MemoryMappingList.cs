using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>Look-ups in mappings that are in order of their addresses, as maps and cores tell them.</summary>
public static class MemoryMappingList
{
    /// <summary>The mapping that an address lies in; null when none does.</summary>
    public static MemoryMapping? Find(this IReadOnlyList<MemoryMapping> mappings, TargetAddress address)
    {
        int i = mappings.FirstEndingAfter(address);
        return i < mappings.Count && mappings[i].Contains(address) ? mappings[i] : null;
    }

    /// <summary>Index of the first mapping with a byte at or above an address; the list's length when there is none.</summary>
    public static int FirstEndingAfter(this IReadOnlyList<MemoryMapping> mappings, TargetAddress address)
    {
        int low = 0;
        int high = mappings.Count;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (mappings[middle].End > address)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        return low;
    }
}
