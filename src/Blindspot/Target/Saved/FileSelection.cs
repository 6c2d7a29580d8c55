using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Saved;

/// <summary>
/// Which parts of a mapped file are saved: of what was read the headers and what is loaded into memory (unwind tables, a
/// runtime's function table, code). Symbol tables and debug information are not: what they told is kept as names and facts,
/// and whoever has the file, or its debug file, finds it by its build ID.
/// </summary>
internal static class FileSelection
{
    /// <summary>A piece of this size is kept wherever it is: notes, .gnu_debuglink.</summary>
    private const int SmallPiece = 4096;
    private const int SectionHeaderSize = 64;

    public static List<LoggedPiece> Choose(List<LoggedPiece> pieces, Limits limits, string path)
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
