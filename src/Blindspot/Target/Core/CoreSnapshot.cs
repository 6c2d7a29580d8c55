using System.Globalization;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Core;

/// <summary>
/// A core file, of the kernel or of gcore. Only its headers and notes are loaded; memory is read where it is asked for.
/// </summary>
/// <remarks>
/// Thread ids of a kernel's core are those of the PID namespace of the process that dumped, which is the target itself
/// (task_pid_vnr in fs/binfmt_elf.c), so they are the ids that its memory holds; those of gcore are the ids that gdb saw.
/// Cores tell neither threads' names (but the process's) nor their states.
/// </remarks>
public sealed class CoreSnapshot : Snapshot
{
    /// <summary>AT_PHDR and AT_ENTRY: addresses within the main executable.</summary>
    private const ulong ProgramHeadersEntry = 3;
    private const ulong EntryPointEntry = 9;

    private readonly ByteSource _source;
    private readonly CoreMemory _memory;
    private readonly CoreNotes _notes;
    private readonly CoreFiles _files;
    private readonly FileSearch _options;

    private CoreSnapshot(ByteSource source, string path, FileSearch options, Limits limits, GapLog gaps)
    {
        _source = source;
        _options = options;
        Gaps = gaps;
        CorePath = path;

        ElfHeader header = CheckHeader(source, path);
        ElfSegment[] segments = ElfSegment.ReadAll(source, header, limits.MaxMappings, allowCut: true, path);
        if (segments.Length < header.ProgramHeaderCount && header.ProgramHeaderCount != ElfHeader.ManyProgramHeaders)
        {
            gaps.Add("target", "core-cut", $"The core is cut within its program headers: {header.ProgramHeaderCount - segments.Length} of {header.ProgramHeaderCount} mappings are missing.");
        }

        ElfSegment[] loads = Array.FindAll(segments, segment => segment.Type == ElfSegmentType.Load);
        Array.Sort(loads, (left, right) => left.Address.CompareTo(right.Address));
        TellWhatIsCut(source, loads, gaps);

        _notes = CoreNotes.Read(source, segments, gaps, limits);
        if (_notes.Files.Count == 0)
        {
            gaps.Add("target", "core-no-files", "The core does not tell which files were mapped (no NT_FILE note): its code belongs to no module.");
        }

        List<MemoryMapping> mappings = CoreMappings.Combine(loads, _notes);
        ExecutablePath = FindExecutable(_notes);
        _memory = new CoreMemory(source, loads, _notes.Files);

        // Verification asks the core alone; a file must not vouch for itself.
        var dumped = new CoreMemory(source, loads, _notes.Files);
        _files = new CoreFiles(dumped, _notes.Files, ExecutablePath, options, gaps, limits);
        _memory.UseFiles(_files);
        CoreMappings.Complete(mappings, new CoreImagePermissions(dumped, _files, limits));
        Mappings = mappings;
    }

    public override int? Pid => _notes.Pid ?? (_notes.Threads.Count > 0 ? _notes.Threads[0].Tid : null);

    public override string? ExecutablePath { get; }

    public override string? CorePath { get; }

    protected internal override TargetMemory SourceMemory => _memory;

    public override IReadOnlyList<MemoryMapping> Mappings { get; }

    /// <summary>In the order of the core: first the one that took the signal.</summary>
    public override IReadOnlyList<ThreadSnapshot> Threads => _notes.Threads;

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector => _notes.AuxiliaryVector;

    public override CaptureReport Capture { get; } = new("core", 0, TimeSpan.Zero, TimeSpan.Zero);

    public override bool IsMoving => false;

    public override GapLog Gaps { get; }

    /// <summary>The signal that made the core; null where it does not tell.</summary>
    public CoreSignal? Signal => _notes.Signal;

    /// <exception cref="BlindspotException">It cannot be opened or is no core of an x86-64 process.</exception>
    public static CoreSnapshot Open(string path, FileSearch options, Limits limits)
    {
        FileByteSource source;
        try
        {
            source = RegularFile.TryOpen(path) ?? throw new BlindspotException(
                File.Exists(path) ? $"{path} is empty, no plain file, or may not be read: name a core file." : $"{path} does not exist: name a core file.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BlindspotException($"{path} cannot be opened: {exception.Message}", exception);
        }

        if (options.ExecutablePath is { } executable)
        {
            using FileByteSource? file = RegularFile.TryOpen(executable);
            if (file is null)
            {
                source.Dispose();
                throw new BlindspotException($"The executable {executable} cannot be opened: name the file that the core was taken of.");
            }
        }

        return Open(source, path, options, limits);
    }

    /// <summary>Opens a core and takes over <paramref name="source"/> (which is disposed of also when this throws).</summary>
    /// <exception cref="BlindspotException">It is no core of an x86-64 process.</exception>
    public static CoreSnapshot Open(ByteSource source, string path, FileSearch options, Limits limits)
    {
        try
        {
            return new CoreSnapshot(source, path, options, limits, new GapLog());
        }
        catch (MalformedDataException exception)
        {
            source.Dispose();
            throw new BlindspotException($"{path} is damaged and cannot be read as a core: {exception.Message}.", exception);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    protected override ByteSource? OpenSourceFile(MemoryMapping mapping) => _files.Open(mapping.Path);

    public override ByteSource? OpenFile(string path)
    {
        foreach (string root in _options.Roots)
        {
            if (path.StartsWith('/') && RegularFile.TryOpen(root.TrimEnd('/') + path) is { } file)
            {
                return file;
            }
        }

        return null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _memory.CloseFiles();
            _source.Dispose();
        }

        base.Dispose(disposing);
    }

    private static ElfHeader CheckHeader(ByteSource source, string path)
    {
        Span<byte> start = stackalloc byte[ElfHeader.Size];
        start = start[..source.Read(0, start)];
        if (Compression(start) is { } tool)
        {
            throw new BlindspotException($"{path} is compressed: decompress it first ({tool} {path}) and name the result.");
        }

        if (!ElfHeader.HasMagic(start))
        {
            throw new BlindspotException($"{path} is not a core file (it is no ELF file): name a core that the kernel or gcore wrote, or a process ID.");
        }

        ElfHeader header = ElfHeader.Parse(start, path);
        if (header.Type != ElfFileType.Core)
        {
            throw new BlindspotException($"{path} is a {header.Description}, not a core: to look at a running process name its ID, and use --exe for the executable of a core.");
        }

        if (!header.IsSupported)
        {
            throw new BlindspotException($"{path} is a {header.Description}; only cores of 64-bit x86-64 processes are understood.");
        }

        return header;
    }

    private static string? Compression(ReadOnlySpan<byte> start)
    {
        return start switch
        {
            [0x1f, 0x8b, ..] => "gzip -dk",
            [0x28, 0xb5, 0x2f, 0xfd, ..] => "zstd -d",
            [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, ..] => "xz -dk",
            [0x04, 0x22, 0x4d, 0x18, ..] => "lz4 -d",
            [0x42, 0x5a, 0x68, ..] => "bzip2 -dk",
            _ => null,
        };
    }

    private static void TellWhatIsCut(ByteSource source, ElfSegment[] loads, GapLog gaps)
    {
        ulong missing = 0;
        ulong total = 0;
        foreach (ElfSegment load in loads)
        {
            total = unchecked(total + load.FileSize);
            ulong end = load.FileOffset + load.FileSize;
            if (end < load.FileOffset || end > (ulong)source.Length)
            {
                ulong there = load.FileOffset < (ulong)source.Length ? (ulong)source.Length - load.FileOffset : 0;
                missing = unchecked(missing + load.FileSize - Math.Min(there, load.FileSize));
            }
        }

        if (missing > 0)
        {
            gaps.Add(
                "target",
                "core-cut",
                string.Create(CultureInfo.InvariantCulture, $"The core is cut: {missing / 1048576.0:0.#} of {total / 1048576.0:0.#} MiB of memory are missing from its end, so that stacks and data there cannot be read. (Was the disk full, or the size limited by ulimit -c?)"));
        }
    }

    private static string? FindExecutable(CoreNotes notes)
    {
        foreach (ulong entry in (ReadOnlySpan<ulong>)[ProgramHeadersEntry, EntryPointEntry])
        {
            if (notes.AuxiliaryVector.TryGetValue(entry, out ulong address))
            {
                foreach (CoreFileMapping file in notes.Files)
                {
                    if (address >= file.Start && address < file.End)
                    {
                        return file.Path;
                    }
                }
            }
        }

        return null;
    }
}
