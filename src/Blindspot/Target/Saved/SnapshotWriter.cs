using System.Buffers.Binary;
using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>Writes a snapshot into a file: what was read of it, or with its heaps.</summary>
public static class SnapshotWriter
{
    private const int Level = 3;
    private const int HeapPiece = 1 << 20;
    private const ulong PageMask = 0xfff;

    /// <param name="snapshot">One whose reads were noted (<see cref="Snapshot.LogReads"/>) by the analyses that shall be possible later.</param>
    /// <param name="options">What to keep.</param>
    /// <param name="output">Gets the file; need not be seekable.</param>
    /// <param name="progress">Told how far it is, with the heaps.</param>
    /// <param name="cancel">Calls it off.</param>
    public static SavedSummary Write(
        Snapshot snapshot, SaveOptions options, Stream output, Limits limits, IProgress<string>? progress, CancellationToken cancel)
    {
        ReadLog log = snapshot.Log ?? throw new InvalidOperationException("nothing was noted of this snapshot");
        Span<byte> header = stackalloc byte[SnapshotFormat.HeaderSize];
        header.Clear();
        SnapshotFormat.Magic.CopyTo(header);
        BinaryPrimitives.WriteUInt16LittleEndian(header[8..], SnapshotFormat.Version);
        output.Write(header);

        using var blocks = new BlockWriter(output, Level);
        var selection = new MemorySelection(snapshot, log, options.IsFull);
        List<LoggedPiece> pieces = selection.ReadPieces();
        Redaction? redaction = options.IsRedacted ? new Redaction(snapshot, log) : null;
        var ranges = new List<SavedRange>();
        if (options.IsFull)
        {
            WriteAll(snapshot, pieces, selection, blocks, ranges, progress, cancel);
        }
        else
        {
            WritePieces(pieces, redaction, blocks, ranges, cancel);
        }

        ulong memoryBytes = blocks.Length;
        var files = new List<SavedFileRanges>();
        foreach ((FileKey key, ByteLog bytes) in log.Files)
        {
            var parts = new List<SavedRange>();
            WritePieces(FileSelection.Choose(bytes, log.Uses.Where(use => use.Path == key.Path), limits, key.Path), null, blocks, parts, cancel);
            files.Add(new SavedFileRanges(key, log.LengthOf(key), parts));
        }

        blocks.Finish();
        var index = new IndexWriter();
        SnapshotIndex.Write(index, snapshot, options, redaction, ranges, files, blocks);
        WriteEnd(output, index, blocks);
        return new SavedSummary(memoryBytes, blocks.Length - memoryBytes, snapshot.Threads.Count, selection.OmittedBytes);
    }

    private static void WritePieces(List<LoggedPiece> pieces, Redaction? redaction, BlockWriter blocks, List<SavedRange> ranges, CancellationToken cancel)
    {
        foreach (LoggedPiece piece in pieces)
        {
            cancel.ThrowIfCancellationRequested();
            Write(piece.Address, redaction is null ? piece.Bytes.Span : redaction.Apply(piece), blocks, ranges);
        }
    }

    private static void Write(ulong address, ReadOnlySpan<byte> bytes, BlockWriter blocks, List<SavedRange> ranges)
    {
        if (ranges.Count > 0 && ranges[^1].End == address && ranges[^1].Position + ranges[^1].Length == blocks.Length)
        {
            ranges[^1] = ranges[^1] with { Length = ranges[^1].Length + (ulong)bytes.Length };
        }
        else
        {
            ranges.Add(new SavedRange(address, (ulong)bytes.Length, blocks.Length));
        }

        blocks.Write(bytes);
    }

    // What analyses read goes before what is read now: it belongs together.
    private static void WriteAll(
        Snapshot snapshot,
        List<LoggedPiece> pieces,
        MemorySelection selection,
        BlockWriter blocks,
        List<SavedRange> ranges,
        IProgress<string>? progress,
        CancellationToken cancel)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(HeapPiece);
        int next = 0;
        foreach ((ulong start, ulong end) in selection.ResidentRanges())
        {
            // What was read of memory outside of the ranges; the last of it may reach into this one.
            for (; next < pieces.Count && pieces[next].Address < start; next++)
            {
                Write(pieces[next].Address, pieces[next].Bytes.Span, blocks, ranges);
            }

            ulong at = Math.Max(start, ranges.Count > 0 ? ranges[^1].End : 0);
            while (at < end)
            {
                cancel.ThrowIfCancellationRequested();
                if (next < pieces.Count && pieces[next].Address == at)
                {
                    Write(at, pieces[next].Bytes.Span, blocks, ranges);
                    at = pieces[next++].End;
                    continue;
                }

                ulong limit = Math.Min(end, next < pieces.Count ? pieces[next].Address : end);
                int wanted = (int)Math.Min((ulong)buffer.Length, limit - at);
                int read = snapshot.SourceMemory.Read(new TargetAddress(at), buffer.AsSpan(0, wanted));
                if (read > 0)
                {
                    Write(at, buffer.AsSpan(0, read), blocks, ranges);
                    progress?.Report($"saving memory, {blocks.Length >> 20} MiB");
                }

                at += (ulong)read;
                if (read < wanted)
                {
                    at = Math.Min(limit, (at | PageMask) + 1);
                }
            }
        }

        for (; next < pieces.Count; next++)
        {
            Write(pieces[next].Address, pieces[next].Bytes.Span, blocks, ranges);
        }
    }

    private static void WriteEnd(Stream output, IndexWriter index, BlockWriter blocks)
    {
        ulong position = SnapshotFormat.HeaderSize;
        foreach (int length in blocks.CompressedLengths)
        {
            position += (ulong)length;
        }

        ReadOnlySpan<byte> compressed = blocks.CompressAlone(index.Bytes);
        output.Write(compressed);
        Span<byte> footer = stackalloc byte[SnapshotFormat.FooterSize];
        BinaryPrimitives.WriteUInt64LittleEndian(footer, position);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[8..], (uint)compressed.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[12..], (uint)index.Bytes.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(footer[16..], Crc32.Finish(Crc32.Append(Crc32.Initial, footer[..16])));
        BinaryPrimitives.WriteUInt32LittleEndian(footer[20..], SnapshotFormat.Version);
        SnapshotFormat.EndMagic.CopyTo(footer[24..]);
        output.Write(footer);
    }
}
