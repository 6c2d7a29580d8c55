using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Saved;

/// <summary>
/// Which parts of a mapped file are saved: of what was read and used the headers and what is loaded into memory (unwind tables, a
/// runtime's function table, code). Symbol tables and debug information are not: what they told is kept as names and facts,
/// and whoever has the file, or its debug file, finds it by its build ID.
/// </summary>
internal static class FileSelection
{
    /// <summary>A piece of this size is kept wherever it is: notes, .gnu_debuglink.</summary>
    private const int SmallPiece = 4096;
    private const int SectionHeaderSize = 64;

    /// <param name="log">What was read of the file.</param>
    /// <param name="uses">Tables of it of which only parts were used.</param>
    public static List<LoggedPiece> Choose(ByteLog log, IEnumerable<FileUse> uses, Limits limits, string path)
    {
        List<LoggedPiece> chosen = Choose(log.Merge(), limits, path);
        foreach (FileUse use in uses)
        {
            // Others may read in the middle of it.
            foreach ((ulong address, ulong length) in log.Reads())
            {
                if (!use.IsWithin(address, length))
                {
                    use.Map.Mark((long)address - use.Offset, (long)length);
                }
            }

            ClearUnused(chosen, use);
        }

        return chosen;
    }

    private static void ClearUnused(List<LoggedPiece> pieces, FileUse use)
    {
        for (int i = 0; i < pieces.Count; i++)
        {
            LoggedPiece piece = pieces[i];
            long from = Math.Max((long)piece.Address, use.Offset);
            long to = Math.Min((long)piece.End, use.Offset + use.Map.Length);
            if (from < to)
            {
                byte[] bytes = piece.Bytes.ToArray();
                use.Map.ClearUnused(bytes.AsSpan((int)(from - (long)piece.Address), (int)(to - from)), from - use.Offset);
                pieces[i] = piece with { Bytes = bytes };
            }
        }
    }

    private static List<LoggedPiece> Choose(List<LoggedPiece> pieces, Limits limits, string path)
    {
        List<(ulong Start, ulong End)> kept;
        try
        {
            kept = KeptRanges(new PieceSource(pieces), limits, path);
        }
        catch (MalformedDataException)
        {
            // No ELF file, of which little was read.
            return pieces.FindAll(static piece => piece.Bytes.Length <= SmallPiece);
        }

        var chosen = new List<LoggedPiece>();
        foreach (LoggedPiece piece in pieces)
        {
            if (piece.Bytes.Length <= SmallPiece)
            {
                chosen.Add(piece);
                continue;
            }

            ulong at = piece.Address;
            foreach ((ulong start, ulong end) in kept)
            {
                ulong from = Math.Max(at, start);
                ulong to = Math.Min(piece.End, end);
                if (from < to)
                {
                    chosen.Add(new LoggedPiece(from, piece.Bytes.Slice((int)(from - piece.Address), (int)(to - from))));
                    at = to;
                }
            }
        }

        return chosen;
    }

    private static List<(ulong Start, ulong End)> KeptRanges(PieceSource source, Limits limits, string path)
    {
        var ranges = new List<(ulong Start, ulong End)>();
        var header = ElfHeader.Read(source, path);
        foreach (ElfSegment segment in ElfSegment.ReadAll(source, header, limits.MaxSections, allowCut: true, path))
        {
            if (segment.Type == ElfSegmentType.Load)
            {
                Add(segment.FileOffset, segment.FileSize);
            }
        }

        Add(0, ElfHeader.Size);
        Add(header.SectionHeaderOffset, (ulong)header.SectionHeaderCount * SectionHeaderSize);
        Span<byte> names = stackalloc byte[SectionHeaderSize];
        ulong namesHeader = header.SectionHeaderOffset + ((ulong)header.SectionNamesIndex * SectionHeaderSize);
        if (namesHeader <= long.MaxValue && source.Read((long)namesHeader, names) == names.Length)
        {
            // sh_offset and sh_size (gABI chapter 4, "Section Header").
            var reader = new ByteReader(names, path, 24);
            Add(reader.ReadUInt64(), reader.ReadUInt64());
        }

        ranges.Sort();
        return ranges;

        void Add(ulong start, ulong length)
        {
            if (length > 0 && start <= ulong.MaxValue - length)
            {
                ranges.Add((start, start + length));
            }
        }
    }

    /// <summary>The pieces as a file.</summary>
    private sealed class PieceSource(List<LoggedPiece> pieces) : ByteSource
    {
        public override long Length => long.MaxValue;

        public override int Read(long offset, Span<byte> destination)
        {
            int total = 0;
            foreach (LoggedPiece piece in pieces)
            {
                ulong into = (ulong)offset + (ulong)total - piece.Address;
                if (total < destination.Length && into < (ulong)piece.Bytes.Length)
                {
                    int count = Math.Min(destination.Length - total, piece.Bytes.Length - (int)into);
                    piece.Bytes.Span.Slice((int)into, count).CopyTo(destination[total..]);
                    total += count;
                }
            }

            return total;
        }
    }
}
