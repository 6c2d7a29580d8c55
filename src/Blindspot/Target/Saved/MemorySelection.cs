using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>Which memory a snapshot is saved with: what was read of it, whole stacks, and on request all that is resident.</summary>
internal sealed class MemorySelection(Snapshot snapshot, ReadLog log, bool isFull)
{
    /// <summary>Bytes from the stack pointer up that are kept of one stack at most; what analyses read is kept in any case.</summary>
    private const ulong MaxStackBytes = 256 << 10;
    private const ulong MaxAllStackBytes = 256 << 20;

    /// <summary>AMD64's red zone: a leaf function may use as much below its stack pointer (System V ABI, section 3.2.2).</summary>
    private const ulong RedZone = 128;

    /// <summary>AT_RANDOM: the lowest of the strings (arguments, environment) that lie above the first stack.</summary>
    private const ulong RandomEntry = 25;

    private ulong _stackBytes;

    /// <summary>Bytes of stacks that were left out since there are too many. (What is not resident was never written.)</summary>
    public ulong OmittedBytes { get; private set; }

    /// <summary>The pieces by address, without overlaps. Reads what is missing of stacks; what <see cref="ResidentRanges"/> adds is left to the writer.</summary>
    public List<LoggedPiece> ReadPieces()
    {
        List<LoggedPiece> noted = log.Memory.Merge();
        bool isFilled = false;
        foreach ((TargetAddress start, TargetAddress end) in Stacks())
        {
            foreach ((ulong from, ulong to) in Uncovered(noted, start.Value, end.Value))
            {
                isFilled |= Fill(from, to);
            }
        }

        List<LoggedPiece> pieces = isFilled ? log.Memory.Merge() : noted;
        return isFull ? pieces : WithoutStrings(pieces);
    }

    /// <summary>Memory that belongs to the process alone and not to a file: heaps, stacks, data.</summary>
    public IEnumerable<(ulong Start, ulong End)> ResidentRanges()
    {
        foreach (MemoryMapping mapping in snapshot.Mappings)
        {
            bool isSpecial = mapping.Path.StartsWith("[v", StringComparison.Ordinal);
            if (mapping.IsReadable && !isSpecial && (mapping.IsWritable || !mapping.IsFile))
            {
                yield return (mapping.Start.Value, mapping.End.Value);
            }
        }
    }

    private IEnumerable<(TargetAddress Start, TargetAddress End)> Stacks()
    {
        foreach (TargetAddress sp in log.WantedStacks)
        {
            if (snapshot.Mappings.Find(sp) is { } mapping)
            {
                TargetAddress start = sp - mapping.Start > RedZone ? sp - RedZone : mapping.Start;
                yield return (start, mapping.End - start > MaxStackBytes ? start + MaxStackBytes : mapping.End);
            }
        }

        foreach ((TargetAddress start, TargetAddress end) in log.Wanted)
        {
            yield return (start, end - start > MaxStackBytes ? start + MaxStackBytes : end);
        }
    }

    private bool Fill(ulong from, ulong to)
    {
        ulong length = to - from;
        if (_stackBytes + length > MaxAllStackBytes)
        {
            OmittedBytes += length;
            return false;
        }

        _stackBytes += length;
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        int read = snapshot.SourceMemory.Read(new TargetAddress(from), bytes);
        log.Memory.Add(from, bytes.AsSpan(0, read), isFiller: true);
        return read > 0;
    }

    // Arguments and environment are no stack, and often hold secrets.
    private List<LoggedPiece> WithoutStrings(List<LoggedPiece> pieces)
    {
        if (!snapshot.AuxiliaryVector.TryGetValue(RandomEntry, out ulong start) || snapshot.Mappings.Find(new TargetAddress(start)) is not { } stack)
        {
            return pieces;
        }

        var left = new List<LoggedPiece>(pieces.Count);
        foreach (LoggedPiece piece in pieces)
        {
            if (piece.End <= start || piece.Address >= stack.End.Value)
            {
                left.Add(piece);
            }
            else if (piece.Address < start)
            {
                left.Add(piece with { Bytes = piece.Bytes[..(int)(start - piece.Address)] });
            }
        }

        return left;
    }

    private static List<(ulong From, ulong To)> Uncovered(List<LoggedPiece> pieces, ulong start, ulong end)
    {
        var missing = new List<(ulong From, ulong To)>();
        int low = 0;
        int high = pieces.Count;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (pieces[middle].End <= start)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        ulong at = start;
        for (int i = low; i < pieces.Count && pieces[i].Address < end; i++)
        {
            if (pieces[i].Address > at)
            {
                missing.Add((at, pieces[i].Address));
            }

            at = Math.Max(at, pieces[i].End);
        }

        if (at < end)
        {
            missing.Add((at, end));
        }

        return missing;
    }
}
