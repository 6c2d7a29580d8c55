using System.Globalization;
using Blindspot.Arch.X64;
using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>Writes the index of a saved snapshot, part by part; <see cref="SnapshotContents"/> reads it.</summary>
internal static class SnapshotIndex
{
    private const string TargetStage = "target";

    public static void Write(
        IndexWriter index,
        Snapshot snapshot,
        SaveOptions options,
        Redaction? redaction,
        IReadOnlyList<SavedRange> memory,
        IReadOnlyList<SavedFileRanges> files,
        BlockWriter blocks)
    {
        ReadLog log = snapshot.Log!;
        index.Part(SnapshotFormat.Part.Origin, part => WriteOrigin(part, snapshot, options));
        index.Part(SnapshotFormat.Part.Process, part => WriteProcess(part, snapshot));
        index.Part(SnapshotFormat.Part.AuxiliaryVector, part => WriteAuxiliary(part, snapshot.AuxiliaryVector));
        index.Part(SnapshotFormat.Part.Mappings, part => WriteMappings(part, snapshot.Mappings, log, options.IsRedacted));
        index.Part(SnapshotFormat.Part.Threads, part => WriteThreads(part, snapshot.Threads, redaction));
        if (snapshot.Dispositions is { } dispositions)
        {
            index.Part(SnapshotFormat.Part.Dispositions, part => WriteDispositions(part, dispositions));
        }

        if (snapshot.IntervalTimers is { } timers)
        {
            index.Part(SnapshotFormat.Part.IntervalTimers, part => WriteIntervalTimers(part, timers));
        }

        index.Part(SnapshotFormat.Part.Gaps, part => WriteGaps(part, snapshot.Gaps.ToList()));
        index.Part(SnapshotFormat.Part.Tasks, part => WriteTasks(part, log.Tasks));
        index.Part(SnapshotFormat.Part.Memory, part => WriteRanges(part, memory));
        index.Part(SnapshotFormat.Part.Files, part => WriteFiles(part, files, log));
        index.Part(SnapshotFormat.Part.Names, part => WriteNames(part, log.Names));
        index.Part(SnapshotFormat.Part.Blocks, part => WriteBlocks(part, blocks));
        index.Part(SnapshotFormat.Part.ProcFiles, part => WriteProcFiles(part, log.ProcFiles, options.IsRedacted));
    }

    private static void WriteOrigin(IndexWriter part, Snapshot snapshot, SaveOptions options)
    {
        // One that is saved again keeps its beginnings.
        SnapshotOrigin? origin = snapshot.Origin;
        string? core = origin?.Core ?? snapshot.CorePath;
        part.Signed((origin?.TakenAt ?? DateTimeOffset.UtcNow).ToUnixTimeMilliseconds());
        part.Text(options.IsRedacted ? null : origin is null ? Environment.MachineName : origin.Host);
        part.Text(origin is null ? core is null ? KernelRelease() : null : origin.Kernel);
        part.Text(typeof(SnapshotIndex).Assembly.GetName().Version?.ToString(3) ?? "unknown");
        part.Text(core is null || !options.IsRedacted ? core : Path.GetFileName(core));
        part.Flag(options.IsFull);
        part.Flag(options.IsRedacted);
    }

    private static string? KernelRelease()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void WriteProcess(IndexWriter part, Snapshot snapshot)
    {
        CaptureReport capture = snapshot.Capture;
        part.Optional((ulong?)snapshot.Pid);
        part.Text(snapshot.ExecutablePath);
        part.Optional((ulong?)snapshot.MonotonicNanoseconds);
        part.Text(capture.How);
        part.Number((ulong)capture.ThreadsStopped);
        part.Number((ulong)capture.LongestStop.Ticks);
        part.Number((ulong)capture.Elapsed.Ticks);
    }

    private static void WriteAuxiliary(IndexWriter part, IReadOnlyDictionary<ulong, ulong> entries)
    {
        part.Number((ulong)entries.Count);
        foreach ((ulong type, ulong value) in entries)
        {
            part.Number(type);
            part.Number(value);
        }
    }

    // Names of files that are data and no code say something of what the program works on.
    private static void WriteMappings(IndexWriter part, IReadOnlyList<MemoryMapping> mappings, ReadLog log, bool isRedacted)
    {
        part.Number((ulong)mappings.Count);
        ulong last = 0;
        foreach (MemoryMapping mapping in mappings)
        {
            bool isNamed = !isRedacted || !mapping.IsFile || log.Files.ContainsKey(FileKey.Of(mapping));
            part.Signed(unchecked((long)(mapping.Start.Value - last)));
            part.Number(mapping.Size);
            part.Text(mapping.Permissions);
            part.Number(mapping.FileOffset);
            part.Number(mapping.Device);
            part.Number(mapping.Inode);
            part.Text(isNamed ? mapping.Path : string.Create(CultureInfo.InvariantCulture, $"/redacted/{mapping.Inode}"));
            part.Flag(mapping.IsDeleted);
            last = mapping.End.Value;
        }
    }

    private static void WriteThreads(IndexWriter part, IReadOnlyList<ThreadSnapshot> threads, Redaction? redaction)
    {
        part.Number((ulong)threads.Count);
        foreach (ThreadSnapshot thread in threads)
        {
            part.Number((ulong)thread.Tid);
            part.Number((ulong)thread.InnerTid);
            part.Text(redaction is null ? thread.Name : "");
            part.Number(thread.State);
            part.Number((ulong)thread.Consistency);
            part.Optional(thread.BlockedSignals);
            part.Optional(thread.PendingSignals);
            part.Optional(thread.AlternateStack?.Start.Value);
            part.Optional(thread.AlternateStack?.Size);
            part.Optional((ulong?)thread.UserTime?.Ticks);
            part.Optional((ulong?)thread.SystemTime?.Ticks);
            part.Flag(thread.State64 is not null);
            if (thread.State64 is { } state)
            {
                WriteRegisters(part, state, redaction);
            }
        }
    }

    private static void WriteRegisters(IndexWriter part, X64ThreadState state, Redaction? redaction)
    {
        X64Registers registers = state.Registers;
        part.Number(registers.KnownMask);
        for (int i = 0; i < X64Registers.Count; i++)
        {
            if (registers.TryGet((X64Register)i, out ulong value))
            {
                part.Number(redaction?.Apply(value) ?? value);
            }
        }

        part.Signed(state.OriginalRax);
        part.Optional(state.FsBase?.Value);
        part.Number(state.Flags);
    }

    private static void WriteDispositions(IndexWriter part, IReadOnlyList<SignalDisposition> dispositions)
    {
        part.Number((ulong)dispositions.Count);
        foreach (SignalDisposition disposition in dispositions)
        {
            part.Number((ulong)disposition.Signal);
            part.Address(disposition.Handler);
            part.Number(disposition.Flags);
            part.Address(disposition.Restorer);
            part.Number(disposition.Mask);
        }
    }

    private static void WriteIntervalTimers(IndexWriter part, IReadOnlyList<IntervalTimer> timers)
    {
        part.Number((ulong)timers.Count);
        foreach (IntervalTimer timer in timers)
        {
            part.Number((ulong)timer.Kind);
            part.Number((ulong)timer.Interval.Ticks);
            part.Optional((ulong?)timer.Remaining?.Ticks);
        }
    }

    // Those of later stages come up again when it is read.
    private static void WriteGaps(IndexWriter part, IReadOnlyList<Gap> gaps)
    {
        Gap[] own = [.. gaps.Where(static gap => gap.Stage == TargetStage)];
        part.Number((ulong)own.Length);
        foreach (Gap gap in own)
        {
            part.Text(gap.Kind);
            part.Text(gap.Message);
            part.Optional(gap.Address?.Value);
        }
    }

    private static void WriteTasks(IndexWriter part, IReadOnlyDictionary<TargetAddress, Consistency> tasks)
    {
        part.Number((ulong)tasks.Count);
        foreach ((TargetAddress task, Consistency consistency) in tasks)
        {
            part.Address(task);
            part.Number((ulong)consistency);
        }
    }

    private static void WriteRanges(IndexWriter part, IReadOnlyList<SavedRange> ranges)
    {
        part.Number((ulong)ranges.Count);
        ulong last = 0;
        foreach (SavedRange range in ranges)
        {
            part.Number(range.Address - last);
            part.Number(range.Length);
            last = range.End;
        }
    }

    private static void WriteFiles(IndexWriter part, IReadOnlyList<SavedFileRanges> files, ReadLog log)
    {
        part.Number((ulong)files.Count);
        foreach (SavedFileRanges file in files)
        {
            part.Number(file.Key.Device);
            part.Number(file.Key.Inode);
            part.Text(file.Key.Path);
            part.Number((ulong)file.Length);
            WriteRanges(part, file.Ranges);
        }

        part.Number((ulong)log.Facts.Count);
        foreach (((string path, string name), ulong value) in log.Facts)
        {
            part.Text(path);
            part.Text(name);
            part.Number(value);
        }
    }

    private static void WriteNames(IndexWriter part, IReadOnlyDictionary<TargetAddress, IReadOnlyList<CodeName>> names)
    {
        part.Number((ulong)names.Count);
        foreach ((TargetAddress address, IReadOnlyList<CodeName> functions) in names)
        {
            part.Address(address);
            part.Number((ulong)functions.Count);
            foreach (CodeName function in functions)
            {
                part.Text(function.Function);
                part.Text(function.ShortFunction);
                part.Text(function.File);
                part.Number((ulong)function.Line);
                part.Flag(function.IsInlined);
                part.Text(function.Language);
            }
        }
    }

    private static void WriteProcFiles(IndexWriter part, IReadOnlyDictionary<ProcFile, byte[]?> files, bool isRedacted)
    {
        part.Number((ulong)files.Count);
        foreach ((ProcFile file, byte[]? text) in files)
        {
            part.Text(file.NameOf());
            if (text is null)
            {
                part.Flag(false);
            }
            else
            {
                part.Raw(isRedacted ? ProcFileRedaction.WithoutName(file, text) : text);
            }
        }
    }

    private static void WriteBlocks(IndexWriter part, BlockWriter blocks)
    {
        part.Number(blocks.Length);
        part.Number((ulong)blocks.CompressedLengths.Count);
        foreach (int length in blocks.CompressedLengths)
        {
            part.Number((ulong)length);
        }
    }
}
