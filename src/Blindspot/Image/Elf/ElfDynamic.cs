using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Image.Elf;

/// <summary>The entries of .dynamic that say where things lie (gABI chapter 5, "Dynamic Section"). Null is absent.</summary>
internal readonly record struct ElfDynamic
{
    private const int MaxEntries = 4096;

    /// <summary>The last chain of a hash table is a few symbols long; one this long is no hash table.</summary>
    private const ulong MaxChain = 100_000;

    public ulong? SymbolTable { get; private init; }

    public ulong? StringTable { get; private init; }

    public ulong? StringTableSize { get; private init; }

    public ulong? Hash { get; private init; }

    public ulong? GnuHash { get; private init; }

    public ulong? PltRelocations { get; private init; }

    public ulong? PltRelocationsSize { get; private init; }

    /// <summary>The entries of PT_DYNAMIC; null without such a segment, or where the file does not hold it.</summary>
    public static ElfDynamic? Read(ElfImage image)
    {
        if (image.FindSegment(ElfSegmentType.Dynamic) is not { } segment)
        {
            return null;
        }

        Span<byte> entry = stackalloc byte[16];
        var dynamic = new ElfDynamic();
        ulong count = Math.Min(segment.FileSize / 16, MaxEntries);
        for (ulong i = 0; i < count; i++)
        {
            if (image.Read(new ImageOffset(segment.Address + (i * 16)), entry) != 16)
            {
                break;
            }

            var reader = new ByteReader(entry, ".dynamic");
            ulong tag = reader.ReadUInt64();
            ulong value = reader.ReadUInt64();
            if (tag == 0)
            {
                break;
            }

            dynamic = tag switch
            {
                2 => dynamic with { PltRelocationsSize = value },
                4 => dynamic with { Hash = Address(image, value) },
                5 => dynamic with { StringTable = Address(image, value) },
                6 => dynamic with { SymbolTable = Address(image, value) },
                10 => dynamic with { StringTableSize = value },
                23 => dynamic with { PltRelocations = Address(image, value) },
                0x6ffffef5 => dynamic with { GnuHash = Address(image, value) },
                _ => dynamic,
            };
        }

        return dynamic;
    }

    /// <summary>How many symbols .dynsym has: only the hash tables tell (DT_HASH's nchain, or the longest chain of DT_GNU_HASH).</summary>
    public long? CountSymbols(ElfImage image)
    {
        Span<byte> header = stackalloc byte[16];
        if (Hash is { } hash && image.Read(new ImageOffset(hash), header[..8]) == 8)
        {
            var reader = new ByteReader(header, ".hash", 4);
            return reader.ReadUInt32();
        }

        return GnuHash is { } gnuHash && image.Read(new ImageOffset(gnuHash), header) == 16
            ? CountByGnuHash(image, gnuHash, new ByteReader(header, ".gnu.hash"))
            : null;
    }

    /// <summary>
    /// DT_GNU_HASH: nbuckets, symoffset, bloom_size, bloom_shift; the Bloom filter of 64-bit words; the buckets, each
    /// with its first symbol; then one hash for each symbol from symoffset on, the last of a chain with bit 0 set.
    /// </summary>
    private static long? CountByGnuHash(ElfImage image, ulong address, ByteReader header)
    {
        uint buckets = header.ReadUInt32();
        uint first = header.ReadUInt32();
        uint bloomWords = header.ReadUInt32();
        ulong bucketsAt = address + 16 + ((ulong)bloomWords * 8);
        if (!image.TryGetFileOffset(new ImageOffset(bucketsAt), out long offset, out long available) || available < buckets * 4L)
        {
            return null;
        }

        byte[] table = image.Source.ReadExactly(offset, buckets * 4L, ".gnu.hash");
        var reader = new ByteReader(table, ".gnu.hash");
        uint last = 0;
        while (!reader.AtEnd)
        {
            last = Math.Max(last, reader.ReadUInt32());
        }

        if (last < first)
        {
            return first;
        }

        Span<byte> link = stackalloc byte[4];
        ulong chains = bucketsAt + ((ulong)buckets * 4);
        for (ulong at = last; at < last + MaxChain; at++)
        {
            if (image.Read(new ImageOffset(chains + ((at - first) * 4)), link) != 4)
            {
                return null;
            }

            if ((link[0] & 1) != 0)
            {
                return (long)at + 1;
            }
        }

        return null;
    }

    private static ulong Address(ElfImage image, ulong value)
    {
        ulong relative = value - image.MemoryBias;
        return image.MemoryBias != 0 && relative < image.LoadEnd.Value ? relative : value;
    }
}
