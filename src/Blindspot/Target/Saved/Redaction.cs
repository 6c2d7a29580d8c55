using System.Buffers.Binary;
using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>
/// Leaves out the contents of memory: of each word only what is an address, or a depth of a stack, stays; everything else
/// becomes zero. Structures of runtimes, and what is the same in the mapped file, stay as they are.
/// </summary>
internal sealed class Redaction
{
    private readonly IReadOnlyList<MemoryMapping> _mappings;
    private readonly (ulong Start, ulong End)[] _kept;
    private readonly ulong _largestDepth;

    public Redaction(Snapshot snapshot, ReadLog log)
    {
        _mappings = snapshot.Mappings;
        _largestDepth = log.LargestTaskStack;
        var kept = new List<(ulong Start, ulong End)>();
        foreach ((TargetAddress start, TargetAddress end) in log.Structure)
        {
            kept.Add((start.Value, end.Value));
        }

        foreach (MemoryMapping mapping in _mappings)
        {
            if ((mapping.IsFile && !mapping.IsWritable) || mapping.Path == "[vdso]")
            {
                kept.Add((mapping.Start.Value, mapping.End.Value));
            }
        }

        _kept = Join(kept);
    }

    /// <summary>What is left of a word: itself or zero.</summary>
    public ulong Apply(ulong word) => IsDepth(word) || IsAddress(word) ? word : 0;

    /// <summary>A copy of a piece with its contents left out.</summary>
    public byte[] Apply(LoggedPiece piece)
    {
        byte[] bytes = piece.Bytes.ToArray();
        ulong at = piece.Address;
        while (at < piece.End)
        {
            int index = Array.BinarySearch(_kept, (at, ulong.MaxValue));
            index = index < 0 ? ~index - 1 : index;
            if (index >= 0 && at < _kept[index].End)
            {
                at = _kept[index].End;
                continue;
            }

            ulong next = index + 1 < _kept.Length ? _kept[index + 1].Start : ulong.MaxValue;
            ulong end = Math.Min(piece.End, next);
            Clear(bytes.AsSpan((int)(at - piece.Address), (int)(end - at)), at);
            at = end;
        }

        return bytes;
    }

    private void Clear(Span<byte> bytes, ulong address)
    {
        int first = (int)(unchecked(0UL - address) & 7);
        bytes[..Math.Min(first, bytes.Length)].Clear();
        int i = first;
        for (; i + 8 <= bytes.Length; i += 8)
        {
            Span<byte> word = bytes.Slice(i, 8);
            BinaryPrimitives.WriteUInt64LittleEndian(word, Apply(BinaryPrimitives.ReadUInt64LittleEndian(word)));
        }

        if (i < bytes.Length)
        {
            bytes[i..].Clear();
        }
    }

    // What a call into C left of its goroutine's stack pointer: bytes below the top of that stack.
    private bool IsDepth(ulong value) => value <= _largestDepth && (value & 7) == 0;

    // Also what is just behind a mapping: where a stack begins.
    private bool IsAddress(ulong value)
    {
        var address = new TargetAddress(value);
        int i = _mappings.FirstEndingAfter(address);
        return (i < _mappings.Count && _mappings[i].Start <= address) || (i > 0 && _mappings[i - 1].End == address);
    }

    private static (ulong Start, ulong End)[] Join(List<(ulong Start, ulong End)> ranges)
    {
        ranges.Sort();
        var joined = new List<(ulong Start, ulong End)>(ranges.Count);
        foreach ((ulong start, ulong end) in ranges)
        {
            if (joined.Count > 0 && start <= joined[^1].End)
            {
                joined[^1] = (joined[^1].Start, Math.Max(joined[^1].End, end));
            }
            else
            {
                joined.Add((start, end));
            }
        }

        return [.. joined];
    }
}
