using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;
using ZstdSharp;

namespace Blindspot.Target.Saved;

/// <summary>
/// A snapshot that was saved into a file, here or on another machine. Files that were mapped are looked for on this
/// machine, and taken if their build ID is right; else what the snapshot holds of them has to do.
/// </summary>
public sealed class SavedSnapshot : Snapshot
{
    private readonly ByteSource _file;
    private readonly SnapshotContents _contents;
    private readonly BlockReader _blocks;
    private readonly SavedMemory _memory;
    private readonly FileSearch _options;
    private readonly Limits _limits;
    private readonly Dictionary<FileKey, SavedFileRanges> _files = [];

    private SavedSnapshot(ByteSource file, string path, SnapshotContents contents, FileSearch options, Limits limits)
    {
        _file = file;
        _contents = contents;
        _options = options;
        _limits = limits;
        _blocks = new BlockReader(file, path, contents.BlockLengths, contents.DataLength);
        _memory = new SavedMemory(contents.Memory, _blocks);
        Facts = new FileFacts(contents.Facts, null);
        foreach (SavedFileRanges ranges in contents.Files)
        {
            _files[ranges.Key] = ranges;
        }

        foreach (Gap gap in contents.Gaps)
        {
            Gaps.Add(gap.Stage, gap.Kind, gap.Message, gap.Address);
        }

        if (contents.Origin.IsRedacted)
        {
            Gaps.Add("target", "snapshot-redacted", "The snapshot was saved without contents of memory: names of threads, labels and values are missing.");
        }
    }

    public override int? Pid => _contents.Pid;

    public override string? ExecutablePath => _contents.ExecutablePath;

    public override string? CorePath => null;

    public override SnapshotOrigin Origin => _contents.Origin;

    public override IReadOnlyList<MemoryMapping> Mappings => _contents.Mappings;

    public override IReadOnlyList<ThreadSnapshot> Threads => _contents.Threads;

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector => _contents.AuxiliaryVector;

    public override CaptureReport Capture => _contents.Capture;

    public override IReadOnlyList<SignalDisposition>? Dispositions => _contents.Dispositions;

    public override IReadOnlyList<IntervalTimer>? IntervalTimers => _contents.IntervalTimers;

    public override long? MonotonicNanoseconds => _contents.MonotonicNanoseconds;

    public override bool IsMoving => false;

    public override GapLog Gaps { get; } = new();

    protected internal override TargetMemory SourceMemory => _memory;

    /// <summary>Whether a file begins like a saved snapshot.</summary>
    public static bool IsOne(ReadOnlySpan<byte> start) => start.StartsWith(SnapshotFormat.Magic);

    /// <exception cref="BlindspotException">It cannot be opened, is none, is damaged, or is of a newer version.</exception>
    public static SavedSnapshot Open(string path, FileSearch options, Limits limits)
    {
        ByteSource file = RegularFile.TryOpen(path) ?? throw new BlindspotException($"{path} cannot be opened: name a saved snapshot.");
        return Open(file, path, options, limits);
    }

    /// <summary>Opens one and takes over <paramref name="file"/> (which is disposed of also when this throws).</summary>
    /// <exception cref="BlindspotException">It is none, is damaged, or is of a newer version.</exception>
    public static SavedSnapshot Open(ByteSource file, string path, FileSearch options, Limits limits)
    {
        try
        {
            return new SavedSnapshot(file, path, SnapshotContents.Read(ReadIndex(file, path), path, limits), options, limits);
        }
        catch (Exception exception) when (exception is MalformedDataException or ZstdException)
        {
            file.Dispose();
            throw new BlindspotException($"{path} is damaged ({exception.Message}): copy it again from where it was written.", exception);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public override Consistency ConsistencyOf(TargetAddress task) =>
        _contents.Tasks.GetValueOrDefault(task, Capture.How == "core" ? Consistency.Exact : Consistency.Still);

    public override bool TryGetSavedNames(TargetAddress address, [NotNullWhen(true)] out IReadOnlyList<CodeName>? names) =>
        _contents.Names.TryGetValue(address, out names);

    protected override ByteSource? OpenSourceFile(MemoryMapping mapping)
    {
        if (!_files.TryGetValue(FileKey.Of(mapping), out SavedFileRanges? saved))
        {
            return null;
        }

        var kept = new SavedFile(saved.Length, new SavedRanges([.. saved.Ranges], _blocks));
        return FindWhole(kept, mapping.Path) is { } whole ? whole : kept;
    }

    protected override byte[]? ReadSourceProcFile(ProcFile file)
    {
        if (!_contents.ProcFiles.TryGetValue(file, out byte[]? text) && Origin.Core is null)
        {
            Gaps.Add(
                "target",
                "proc-file-not-saved",
                $"The snapshot does not hold /proc/PID/{file.NameOf()}: nothing asked for it when it was saved, or an older Blindspot saved it.");
        }

        return text;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _blocks.Dispose();
            _file.Dispose();
        }

        base.Dispose(disposing);
    }

    private static byte[] ReadIndex(ByteSource file, string path)
    {
        Span<byte> header = stackalloc byte[SnapshotFormat.HeaderSize];
        if (file.Read(0, header) != header.Length || !IsOne(header))
        {
            throw new BlindspotException($"{path} is no saved snapshot: name one that 'blindspot snapshot' or --save wrote.");
        }

        int version = BinaryPrimitives.ReadUInt16LittleEndian(header[8..]);
        if (version != SnapshotFormat.Version)
        {
            throw new BlindspotException($"{path} is a snapshot of format {version}, and this Blindspot reads format {SnapshotFormat.Version}: use the version that wrote it, or a newer one.");
        }

        Span<byte> footer = stackalloc byte[SnapshotFormat.FooterSize];
        if (file.Read(file.Length - footer.Length, footer) != footer.Length || !footer[24..].SequenceEqual(SnapshotFormat.EndMagic))
        {
            throw new BlindspotException($"{path} is cut short: copy it again from where it was written.");
        }

        ulong position = BinaryPrimitives.ReadUInt64LittleEndian(footer);
        uint compressed = BinaryPrimitives.ReadUInt32LittleEndian(footer[8..]);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(footer[12..]);
        if (Crc32.Finish(Crc32.Append(Crc32.Initial, footer[..16])) != BinaryPrimitives.ReadUInt32LittleEndian(footer[16..])
            || position > (ulong)file.Length
            || length > Math.Min((ulong)Array.MaxLength, Math.Max(SnapshotFormat.SmallIndexBytes, (ulong)compressed * SnapshotFormat.MaxIndexRatio)))
        {
            throw new MalformedDataException(path, file.Length - footer.Length, "its footer is damaged");
        }

        byte[] bytes = file.ReadExactly((long)position, compressed, path);
        using var decompressor = new Decompressor();
        byte[] index = GC.AllocateUninitializedArray<byte>((int)length);
        return decompressor.Unwrap(bytes, index) == index.Length ? index : throw new MalformedDataException(path, (long)position, "its index is shorter than it should be");
    }

    private FileByteSource? FindWhole(SavedFile kept, string path)
    {
        ElfBuildIdentity wanted;
        try
        {
            wanted = ElfBuildIdentity.Read(kept, _limits, path);
        }
        catch (MalformedDataException)
        {
            return null;
        }

        foreach (string candidate in wanted.IsEmpty ? [] : _options.CandidatesFor(path, ExecutablePath))
        {
            FileByteSource? file = RegularFile.TryOpen(candidate);
            if (file is not null && IsSame(file, candidate, wanted))
            {
                return file;
            }

            file?.Dispose();
        }

        return null;
    }

    private bool IsSame(FileByteSource file, string candidate, ElfBuildIdentity wanted)
    {
        try
        {
            var found = ElfBuildIdentity.Read(file, _limits, candidate);
            bool isSame = wanted.IsSameBuild(found);
            if (!isSame && candidate == _options.ExecutablePath)
            {
                Gaps.Add("target", "file-mismatch", $"{candidate} is not the executable of the snapshot: its build ID is another. It is not used.");
            }

            return isSame;
        }
        catch (MalformedDataException)
        {
            return false;
        }
    }
}
