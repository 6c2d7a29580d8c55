using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// Memory of which some ranges were copied while they could not change; these are read from the copies, everything else
/// from the memory below.
/// </summary>
internal sealed class StackCopies(TargetMemory below, byte[] buffer) : TargetMemory
{
    private readonly List<Range> _ranges = [];

    /// <summary>Copies what is present of each range into the buffer. The ranges must be sorted and must not overlap.</summary>
    internal void Copy(Span<ReadRequest> requests)
    {
        _ranges.Clear();
        below.ReadMany(requests, buffer);
        foreach (ref readonly ReadRequest request in requests)
        {
            if (request.BytesRead > 0)
            {
                _ranges.Add(new Range(request.Address, request.Address + (ulong)request.BytesRead, request.BufferOffset));
            }
        }
    }

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            TargetAddress at = address + (ulong)total;
            Span<byte> rest = destination[total..];
            int index = IndexBehind(at);
            int read;
            if (index > 0 && at < _ranges[index - 1].End)
            {
                Range range = _ranges[index - 1];
                read = (int)Math.Min((ulong)rest.Length, range.End - at);
                buffer.AsSpan(range.Offset + (int)(at - range.Start), read).CopyTo(rest);
            }
            else
            {
                int wanted = index < _ranges.Count ? (int)Math.Min((ulong)rest.Length, _ranges[index].Start - at) : rest.Length;
                read = below.Read(at, rest[..wanted]);
                if (read < wanted)
                {
                    return total + read;
                }
            }

            total += read;
        }

        return total;
    }

    public override void ReadMany(Span<ReadRequest> requests, Span<byte> target)
    {
        below.ReadMany(requests, target);
        foreach (ref ReadRequest request in requests)
        {
            int index = IndexBehind(request.Address);
            bool touches = (index > 0 && request.Address < _ranges[index - 1].End)
                || (index < _ranges.Count && _ranges[index].Start < request.Address + (ulong)Math.Max(0, request.Length));
            if (touches)
            {
                request.BytesRead = Read(request.Address, target.Slice(request.BufferOffset, request.Length));
            }
        }
    }

    /// <summary>Index of the first range that starts behind the address.</summary>
    private int IndexBehind(TargetAddress address)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].Start <= address)
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

    private readonly record struct Range(TargetAddress Start, TargetAddress End, int Offset);
}
