namespace Blindspot.Target.Saved;

/// <summary>
/// Pieces of bytes with the addresses that they were read at, in the order of reading. Where pieces overlap the later
/// one counts: what moved was read again. Thread-safe.
/// </summary>
internal sealed class ByteLog
{
    private const int ChunkBytes = 1 << 20;

    private readonly Lock _gate = new();
    private readonly List<byte[]> _chunks = [];
    private readonly List<Entry> _entries = [];
    private int _used = ChunkBytes;

    /// <summary>Notes bytes that were read.</summary>
    /// <param name="address">Where.</param>
    /// <param name="bytes">What; copied.</param>
    /// <param name="isFiller">It counts only where nothing else was read, whenever that was.</param>
    public void Add(ulong address, ReadOnlySpan<byte> bytes, bool isFiller = false)
    {
        if (bytes.IsEmpty || address > ulong.MaxValue - (ulong)bytes.Length)
        {
            return;
        }

        lock (_gate)
        {
            Memory<byte> place = Take(bytes.Length);
            bytes.CopyTo(place.Span);
            _entries.Add(new Entry(address, place, isFiller ? -1 : _entries.Count));
        }
    }

    /// <summary>Where bytes were read, in the order of reading.</summary>
    public List<(ulong Address, ulong Length)> Reads()
    {
        lock (_gate)
        {
            return _entries.ConvertAll(static entry => (entry.Address, (ulong)entry.Bytes.Length));
        }
    }

    /// <summary>What was read, by address and without overlaps; pieces that touch are not joined.</summary>
    public List<LoggedPiece> Merge()
    {
        lock (_gate)
        {
            return Merge([.. _entries]);
        }
    }

    private Memory<byte> Take(int length)
    {
        if (length > ChunkBytes / 4)
        {
            return new byte[length];
        }

        if (length > ChunkBytes - _used)
        {
            _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkBytes));
            _used = 0;
        }

        Memory<byte> place = _chunks[^1].AsMemory(_used, length);
        _used += length;
        return place;
    }

    // A line is swept over the entries by address; of those under it the latest is on top.
    private static List<LoggedPiece> Merge(Entry[] entries)
    {
        Array.Sort(entries, static (left, right) => left.Address.CompareTo(right.Address));
        var pieces = new List<LoggedPiece>(entries.Length);
        var open = new PriorityQueue<int, long>();
        int next = 0;
        ulong at = 0;
        while (next < entries.Length || open.Count > 0)
        {
            if (open.Count == 0)
            {
                at = entries[next].Address;
            }

            while (next < entries.Length && entries[next].Address <= at)
            {
                open.Enqueue(next, -(long)entries[next].Order);
                next++;
            }

            while (open.Count > 0 && entries[open.Peek()].End <= at)
            {
                open.Dequeue();
            }

            if (open.Count == 0)
            {
                continue;
            }

            Entry top = entries[open.Peek()];
            ulong end = next < entries.Length ? Math.Min(top.End, entries[next].Address) : top.End;
            pieces.Add(new LoggedPiece(at, top.Bytes.Slice((int)(at - top.Address), (int)(end - at))));
            at = end;
        }

        return pieces;
    }

    private readonly record struct Entry(ulong Address, ReadOnlyMemory<byte> Bytes, int Order)
    {
        public ulong End => Address + (ulong)Bytes.Length;
    }
}
