using System.Buffers.Binary;
using System.Text;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Reads profiler labels of goroutines. Up to Go 1.23 g.labels points to a map[string]string (src/runtime/pprof/label.go,
/// src/runtime/map.go), from 1.24 on to a slice of key and value. Goroutines inherit the pointer, so each set is read once.
/// </summary>
internal sealed class GoLabelReader(TargetMemory memory, IReadOnlyList<GoModule> modules, GoLayout layout, bool isMap, bool isRedacted, GapLog gaps, Limits limits)
{
    private const int MaxLabels = 256;

    // A bucket: 8 hash bytes, 8 keys, 8 values, the next bucket (src/runtime/map.go, bmap and bucketCnt).
    private const int BucketCells = 8;
    private const int BucketSize = BucketCells + (BucketCells * 32) + 8;
    private const int MaxBucketBits = 10;
    private const int MaxOverflow = 64;

    /// <summary>Hash bytes below this mark empty and moved cells (minTopHash).</summary>
    private const byte MinTopHash = 5;

    private readonly Dictionary<ulong, IReadOnlyList<KeyValuePair<string, string>>> _sets = [];
    private int _budget = 64 << 20;

    /// <summary>None in a snapshot whose contents are left out: the program chose them.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Read(TargetAddress labels)
    {
        if (isRedacted)
        {
            return [];
        }

        if (_sets.TryGetValue(labels.Value, out IReadOnlyList<KeyValuePair<string, string>>? known))
        {
            return known;
        }

        List<KeyValuePair<string, string>> found = [];
        bool isWhole = isMap ? ReadMap(labels, found) : ReadSlice(labels, found);
        if (!isWhole)
        {
            gaps.Add("runtime", "labels-unreadable", "The profiler labels of some goroutines could not be read, or not wholly.", labels);
        }

        _sets.Add(labels.Value, found);
        return found;
    }

    private bool ReadSlice(TargetAddress address, List<KeyValuePair<string, string>> found)
    {
        Span<byte> header = stackalloc byte[16];
        if (!memory.TryReadExactly(address, header))
        {
            return false;
        }

        TargetAddress first = new(BinaryPrimitives.ReadUInt64LittleEndian(header));
        ulong count = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        Span<byte> entry = stackalloc byte[32];
        for (ulong i = 0; i < Math.Min(count, MaxLabels); i++)
        {
            if (!memory.TryReadExactly(first + (i * 32), entry)
                || !TryReadString(entry, out string key)
                || !TryReadString(entry[16..], out string value))
            {
                return false;
            }

            found.Add(new(key, value));
        }

        return count <= MaxLabels;
    }

    private bool ReadMap(TargetAddress address, List<KeyValuePair<string, string>> found)
    {
        // The label set is a pointer to the map variable, which is a pointer to the map.
        if (!memory.TryReadAddress(address, out TargetAddress map))
        {
            return false;
        }

        if (map.IsZero)
        {
            return true;
        }

        byte[] bytes = new byte[layout[GoField.MapSize]];
        if (!memory.TryReadExactly(map, bytes))
        {
            return false;
        }

        GoStruct header = new(bytes, layout);
        ulong count = header.UInt64(GoField.MapCount);
        int bits = header.Byte(GoField.MapBucketBits);
        if (bits > MaxBucketBits)
        {
            return false;
        }

        // While a map grows, cells that have not been moved are in the old buckets still; moved ones are marked there.
        bool isWhole = ReadBuckets(header.Address(GoField.MapBuckets), 1 << bits, found);
        TargetAddress old = header.Address(GoField.MapOldBuckets);
        if (!old.IsZero)
        {
            isWhole &= ReadBuckets(old, Math.Max(1, 1 << (bits - 1)), found);
        }

        found.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return isWhole && (ulong)found.Count == count;
    }

    private bool ReadBuckets(TargetAddress first, int count, List<KeyValuePair<string, string>> found)
    {
        Span<byte> bucket = stackalloc byte[BucketSize];
        for (int i = 0; i < count; i++)
        {
            TargetAddress at = first + (ulong)(i * BucketSize);
            for (int chain = 0; !at.IsZero; chain++)
            {
                if (chain > MaxOverflow || found.Count > MaxLabels || !memory.TryReadExactly(at, bucket))
                {
                    return false;
                }

                for (int cell = 0; cell < BucketCells; cell++)
                {
                    if (bucket[cell] < MinTopHash)
                    {
                        continue;
                    }

                    if (!TryReadString(bucket[(BucketCells + (cell * 16))..], out string key)
                        || !TryReadString(bucket[(BucketCells + (BucketCells * 16) + (cell * 16))..], out string value))
                    {
                        return false;
                    }

                    found.Add(new(key, value));
                }

                at = new TargetAddress(BinaryPrimitives.ReadUInt64LittleEndian(bucket[(BucketSize - 8)..]));
            }
        }

        return true;
    }

    private bool TryReadString(ReadOnlySpan<byte> header, out string text)
    {
        TargetAddress start = new(BinaryPrimitives.ReadUInt64LittleEndian(header));
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header[8..]);
        text = "";
        if (length == 0)
        {
            return true;
        }

        if (length > (ulong)Math.Min(limits.MaxStringBytes, _budget))
        {
            return false;
        }

        _budget -= (int)length;
        byte[] bytes = new byte[length];
        if (!memory.TryReadExactly(start, bytes) && !TryReadConstant(start, bytes))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    /// <summary>The text of a constant may lie in a page of the file that the target has not touched.</summary>
    private bool TryReadConstant(TargetAddress start, Span<byte> bytes)
    {
        foreach (GoModule module in modules)
        {
            ImageOffset offset = module.Module.ToImage(start);
            foreach (ElfSegment segment in module.Image.Segments)
            {
                if (!segment.IsWritable && segment.Contains(offset.Value))
                {
                    return module.Image.Read(offset, bytes) == bytes.Length;
                }
            }
        }

        return false;
    }
}
