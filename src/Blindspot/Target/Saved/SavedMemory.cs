using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>The memory that a saved snapshot holds.</summary>
internal sealed class SavedMemory : TargetMemory
{
    private readonly SavedRanges _ranges;

    /// <param name="ranges">By address, without overlaps.</param>
    /// <param name="blocks">The data; stays the caller's.</param>
    public SavedMemory(SavedRange[] ranges, BlockReader blocks)
    {
        _ranges = new SavedRanges(ranges, blocks);
        ForSearch = new ZeroFilled(_ranges);
    }

    public override TargetMemory ForSearch { get; }

    public override int Read(TargetAddress address, Span<byte> destination) => _ranges.Read(address.Value, destination);

    /// <summary>The same with zeros where nothing was saved: what is searched for was read, and so was saved, by itself.</summary>
    private sealed class ZeroFilled(SavedRanges ranges) : TargetMemory
    {
        public override int Read(TargetAddress address, Span<byte> destination)
        {
            int total = 0;
            while (total < destination.Length)
            {
                ulong at = unchecked(address.Value + (ulong)total);
                int read = ranges.Read(at, destination[total..]);
                total += read;
                if (read == 0)
                {
                    int hole = (int)Math.Min((ulong)(destination.Length - total), ranges.NextFrom(at) - at);
                    destination.Slice(total, hole).Clear();
                    total += hole;
                }
            }

            return total;
        }
    }
}
