using Blindspot.Arch.X64;
using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>What the index of a saved snapshot says, as <see cref="SnapshotIndex"/> wrote it. Parts that are not known are skipped.</summary>
internal sealed class SnapshotContents
{
    private const string TargetStage = "target";

    private readonly Limits _limits;
    private readonly string _path;
    private ulong _position;

    private SnapshotContents(string path, Limits limits)
    {
        _path = path;
        _limits = limits;
        Origin = new SnapshotOrigin(path, default, null, null, "", null, false, false);
    }

    public SnapshotOrigin Origin { get; private set; }

    public int? Pid { get; private set; }

    public string? ExecutablePath { get; private set; }

    public long? MonotonicNanoseconds { get; private set; }

    public CaptureReport Capture { get; private set; } = new("", 0, TimeSpan.Zero, TimeSpan.Zero);

    public Dictionary<ulong, ulong> AuxiliaryVector { get; } = [];

    public List<MemoryMapping> Mappings { get; } = [];

    public List<ThreadSnapshot> Threads { get; } = [];

    public List<SignalDisposition>? Dispositions { get; private set; }

    public List<IntervalTimer>? IntervalTimers { get; private set; }

    public List<Gap> Gaps { get; } = [];

    public Dictionary<TargetAddress, Consistency> Tasks { get; } = [];

    public SavedRange[] Memory { get; private set; } = [];

    public List<SavedFileRanges> Files { get; } = [];

    public Dictionary<(string Path, string Name), ulong> Facts { get; } = [];

    public Dictionary<TargetAddress, IReadOnlyList<CodeName>> Names { get; } = [];

    /// <summary>Null for those that could not be had; those that nobody asked for are missing.</summary>
    public Dictionary<ProcFile, byte[]?> ProcFiles { get; } = [];

    public int[] BlockLengths { get; private set; } = [];

    public ulong DataLength { get; private set; }

    /// <exception cref="MalformedDataException">The index is damaged.</exception>
    public static SnapshotContents Read(ReadOnlySpan<byte> index, string path, Limits limits)
    {
        var contents = new SnapshotContents(path, limits);
        var reader = new ByteReader(index, path);
        while (!reader.AtEnd)
        {
            ulong part = reader.ReadUleb128();
            ReadOnlySpan<byte> bytes = reader.ReadBytes((long)Math.Min(reader.ReadUleb128(), long.MaxValue));
            contents.ReadPart((SnapshotFormat.Part)Math.Min(part, int.MaxValue), bytes);
        }

        return contents;
    }

    private void ReadPart(SnapshotFormat.Part part, ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, _path);
        switch (part)
        {
            case SnapshotFormat.Part.Origin: ReadOrigin(ref reader); break;
            case SnapshotFormat.Part.Process: ReadProcess(ref reader); break;
            case SnapshotFormat.Part.AuxiliaryVector: ReadAuxiliary(ref reader); break;
            case SnapshotFormat.Part.Mappings: ReadMappings(ref reader); break;
            case SnapshotFormat.Part.Threads: ReadThreads(ref reader); break;
            case SnapshotFormat.Part.Dispositions: ReadDispositions(ref reader); break;
            case SnapshotFormat.Part.IntervalTimers: ReadIntervalTimers(ref reader); break;
            case SnapshotFormat.Part.Gaps: ReadGaps(ref reader); break;
            case SnapshotFormat.Part.Tasks: ReadTasks(ref reader); break;
            case SnapshotFormat.Part.Memory: Memory = ReadRanges(ref reader); break;
            case SnapshotFormat.Part.Files: ReadFiles(ref reader); break;
            case SnapshotFormat.Part.Names: ReadNames(ref reader); break;
            case SnapshotFormat.Part.Blocks: ReadBlocks(ref reader); break;
            case SnapshotFormat.Part.ProcFiles: ReadProcFiles(ref reader); break;
        }
    }

    private void ReadOrigin(ref ByteReader reader)
    {
        long milliseconds = Signed(ref reader);
        if (milliseconds is < -62135596800000 or > 253402300799999)
        {
            reader.ThrowMalformed("its time is no time");
        }

        Origin = new SnapshotOrigin(
            _path,
            DateTimeOffset.FromUnixTimeMilliseconds(milliseconds),
            Host: Text(ref reader),
            Kernel: Text(ref reader),
            ToolVersion: Text(ref reader) ?? "",
            Core: Text(ref reader),
            HasHeaps: Flag(ref reader),
            IsRedacted: Flag(ref reader));
    }

    private void ReadProcess(ref ByteReader reader)
    {
        Pid = (int?)Optional(ref reader);
        ExecutablePath = Text(ref reader);
        MonotonicNanoseconds = (long?)Optional(ref reader);
        Capture = new CaptureReport(Text(ref reader) ?? "", Count(ref reader, int.MaxValue), Time(ref reader), Time(ref reader));
    }

    private void ReadAuxiliary(ref ByteReader reader)
    {
        for (int left = Count(ref reader, 1 << 16); left > 0; left--)
        {
            ulong type = reader.ReadUleb128();
            AuxiliaryVector[type] = reader.ReadUleb128();
        }
    }

    private void ReadMappings(ref ByteReader reader)
    {
        ulong last = 0;
        for (int left = Count(ref reader, _limits.MaxMappings); left > 0; left--)
        {
            ulong start = unchecked(last + (ulong)Signed(ref reader));
            ulong end = unchecked(start + reader.ReadUleb128());
            Mappings.Add(new MemoryMapping(
                new TargetAddress(start),
                new TargetAddress(end),
                Text(ref reader) ?? "",
                FileOffset: reader.ReadUleb128(),
                Device: reader.ReadUleb128(),
                Inode: reader.ReadUleb128(),
                Text(ref reader) ?? "",
                IsDeleted: Flag(ref reader)));
            if (end < start || start < last)
            {
                reader.ThrowMalformed("its mappings are not in order");
            }

            last = end;
        }
    }

    private void ReadThreads(ref ByteReader reader)
    {
        for (int left = Count(ref reader, _limits.MaxThreads); left > 0; left--)
        {
            var thread = new ThreadSnapshot
            {
                Tid = Count(ref reader, int.MaxValue),
                InnerTid = Count(ref reader, int.MaxValue),
                Name = Text(ref reader) ?? "",
                State = (char)Count(ref reader, char.MaxValue),
                Consistency = (Consistency)Count(ref reader, (int)Enum.GetValues<Consistency>()[^1]),
                BlockedSignals = Optional(ref reader),
                PendingSignals = Optional(ref reader),
            };
            ulong? alternate = Optional(ref reader);
            ulong? size = Optional(ref reader);
            Threads.Add(thread with
            {
                AlternateStack = alternate is { } start && size is { } bytes ? new AlternateStack(new TargetAddress(start), bytes) : null,
                UserTime = OptionalTime(ref reader),
                SystemTime = OptionalTime(ref reader),
                State64 = Flag(ref reader) ? ReadRegisters(ref reader) : null,
            });
        }
    }

    private static X64ThreadState ReadRegisters(ref ByteReader reader)
    {
        ulong known = reader.ReadUleb128();
        X64Registers registers = default;
        for (int i = 0; i < X64Registers.Count; i++)
        {
            if ((known >> i & 1) != 0)
            {
                registers.Set((X64Register)i, reader.ReadUleb128());
            }
        }

        long originalRax = Signed(ref reader);
        ulong? fsBase = Optional(ref reader);
        return new X64ThreadState(registers, originalRax, fsBase is { } address ? new TargetAddress(address) : null, reader.ReadUleb128());
    }

    private void ReadDispositions(ref ByteReader reader)
    {
        Dispositions = [];
        for (int left = Count(ref reader, 1024); left > 0; left--)
        {
            Dispositions.Add(new SignalDisposition(
                Count(ref reader, int.MaxValue),
                new TargetAddress(reader.ReadUleb128()),
                Flags: reader.ReadUleb128(),
                new TargetAddress(reader.ReadUleb128()),
                Mask: reader.ReadUleb128()));
        }
    }

    private void ReadIntervalTimers(ref ByteReader reader)
    {
        IntervalTimers = [];
        for (int left = Count(ref reader, 16); left > 0; left--)
        {
            var kind = (IntervalTimerKind)Count(ref reader, (int)IntervalTimerKind.Profiling);
            TimeSpan interval = Time(reader.ReadUleb128());
            IntervalTimers.Add(new IntervalTimer(kind, interval, Optional(ref reader) is { } remaining ? Time(remaining) : null));
        }

        static TimeSpan Time(ulong ticks) => TimeSpan.FromTicks((long)Math.Min(ticks, long.MaxValue));
    }

    private void ReadGaps(ref ByteReader reader)
    {
        for (int left = Count(ref reader, 10_000); left > 0; left--)
        {
            string kind = Text(ref reader) ?? "";
            string message = Text(ref reader) ?? "";
            Gaps.Add(new Gap(TargetStage, kind, Optional(ref reader) is { } address ? new TargetAddress(address) : null, message));
        }
    }

    private void ReadTasks(ref ByteReader reader)
    {
        for (int left = Count(ref reader, _limits.MaxTasks); left > 0; left--)
        {
            var task = new TargetAddress(reader.ReadUleb128());
            Tasks[task] = (Consistency)Count(ref reader, (int)Enum.GetValues<Consistency>()[^1]);
        }
    }

    private SavedRange[] ReadRanges(ref ByteReader reader)
    {
        // Each takes two bytes at least, so that the count is bounded by what is there.
        var ranges = new SavedRange[Count(ref reader, reader.Remaining / 2)];
        ulong last = 0;
        for (int i = 0; i < ranges.Length; i++)
        {
            ulong start = unchecked(last + reader.ReadUleb128());
            ulong length = reader.ReadUleb128();
            if (start < last || length > ulong.MaxValue - start || length > ulong.MaxValue - _position)
            {
                reader.ThrowMalformed("its ranges are not in order");
            }

            ranges[i] = new SavedRange(start, length, _position);
            last = start + length;
            _position += length;
        }

        return ranges;
    }

    private void ReadFiles(ref ByteReader reader)
    {
        for (int left = Count(ref reader, _limits.MaxMappings); left > 0; left--)
        {
            var key = new FileKey(reader.ReadUleb128(), reader.ReadUleb128(), Text(ref reader) ?? "");
            long length = (long)Math.Min(reader.ReadUleb128(), long.MaxValue);
            Files.Add(new SavedFileRanges(key, length, ReadRanges(ref reader)));
        }

        for (int left = Count(ref reader, _limits.MaxSymbols); left > 0; left--)
        {
            string path = Text(ref reader) ?? "";
            string name = Text(ref reader) ?? "";
            Facts[(path, name)] = reader.ReadUleb128();
        }
    }

    private void ReadNames(ref ByteReader reader)
    {
        for (int left = Count(ref reader, _limits.MaxSymbols); left > 0; left--)
        {
            var address = new TargetAddress(reader.ReadUleb128());
            var names = new CodeName[Count(ref reader, Math.Min(_limits.MaxNesting, reader.Remaining))];
            for (int i = 0; i < names.Length; i++)
            {
                names[i] = new CodeName(
                    Text(ref reader) ?? "",
                    Text(ref reader),
                    Text(ref reader),
                    Count(ref reader, int.MaxValue),
                    Flag(ref reader),
                    Text(ref reader) ?? "c");
            }

            Names[address] = names;
        }
    }

    private void ReadBlocks(ref ByteReader reader)
    {
        DataLength = reader.ReadUleb128();
        BlockLengths = new int[Count(ref reader, reader.Remaining)];
        for (int i = 0; i < BlockLengths.Length; i++)
        {
            BlockLengths[i] = Count(ref reader, 2 * SnapshotFormat.BlockBytes);
        }
    }

    private void ReadProcFiles(ref ByteReader reader)
    {
        for (int left = Count(ref reader, 1024); left > 0; left--)
        {
            bool isKnown = ProcFileNames.TryParse(Text(ref reader), out ProcFile file);
            byte[]? text = Flag(ref reader) ? reader.ReadBytes(Count(ref reader, _limits.MaxProcFileBytes)).ToArray() : null;
            if (isKnown)
            {
                ProcFiles[file] = text;
            }
        }
    }

    private static int Count(ref ByteReader reader, int limit)
    {
        ulong count = reader.ReadUleb128();
        if (count > (ulong)limit)
        {
            reader.ThrowMalformed($"a number is {count}, more than {limit}");
        }

        return (int)count;
    }

    private static long Signed(ref ByteReader reader)
    {
        ulong value = reader.ReadUleb128();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private static bool Flag(ref ByteReader reader) => reader.ReadUleb128() != 0;

    private static ulong? Optional(ref ByteReader reader) => Flag(ref reader) ? reader.ReadUleb128() : null;

    private static TimeSpan Time(ref ByteReader reader) => new((long)(reader.ReadUleb128() & long.MaxValue));

    private static TimeSpan? OptionalTime(ref ByteReader reader) => Flag(ref reader) ? Time(ref reader) : null;

    private string? Text(ref ByteReader reader) =>
        Flag(ref reader) ? System.Text.Encoding.UTF8.GetString(reader.ReadBytes(Count(ref reader, _limits.MaxStringBytes))) : null;
}
