using System.Globalization;
using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.LiveTests.Runtime.Go;

/// <summary>A process as /proc shows it, without registers: enough to read a runtime's structures.</summary>
internal sealed class ProcSnapshot : Snapshot
{
    private readonly ProcMemory _memory;

    public ProcSnapshot(int pid)
    {
        Pid = pid;
        _memory = new ProcMemory(pid);
        Mappings = ReadMaps(pid);
        ExecutablePath = new FileInfo($"/proc/{pid}/exe").LinkTarget;
        Threads = [.. Directory.GetDirectories($"/proc/{pid}/task").Select(Thread)];
        Modules = FindModules();
    }

    public override int? Pid { get; }

    public override string? ExecutablePath { get; }

    public override string? CorePath => null;

    public override TargetMemory Memory => _memory;

    public override IReadOnlyList<MemoryMapping> Mappings { get; }

    public override IReadOnlyList<ThreadSnapshot> Threads { get; }

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector { get; } = new Dictionary<ulong, ulong>();

    public override CaptureReport Capture { get; } = new("proc", 0, TimeSpan.Zero, TimeSpan.Zero);

    public override bool IsMoving => true;

    public override GapLog Gaps { get; } = new();

    public IReadOnlyList<Module> Modules { get; }

    public override ByteSource? OpenMappedFile(MemoryMapping mapping) => FileByteSource.Open(mapping.Path);

    protected override void Dispose(bool disposing)
    {
        foreach (Module module in Modules)
        {
            module.Image?.Dispose();
        }

        _memory.Dispose();
        base.Dispose(disposing);
    }

    private static ThreadSnapshot Thread(string folder)
    {
        int tid = int.Parse(Path.GetFileName(folder), CultureInfo.InvariantCulture);
        return new ThreadSnapshot { Tid = tid, InnerTid = tid, Name = "", State = '?', Consistency = Consistency.PossiblyTorn };
    }

    private static List<MemoryMapping> ReadMaps(int pid)
    {
        List<MemoryMapping> mappings = [];
        foreach (string line in File.ReadLines($"/proc/{pid}/maps"))
        {
            string[] parts = line.Split(' ', 6, StringSplitOptions.RemoveEmptyEntries);
            string[] range = parts[0].Split('-');
            mappings.Add(new MemoryMapping(
                new TargetAddress(Hex(range[0])),
                new TargetAddress(Hex(range[1])),
                parts[1],
                Hex(parts[2]),
                0,
                ulong.Parse(parts[4], CultureInfo.InvariantCulture),
                parts.Length > 5 ? parts[5].Trim() : "",
                false));
        }

        return mappings;
    }

    private static ulong Hex(string text) => ulong.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private List<Module> FindModules()
    {
        List<Module> modules = [];
        foreach (IGrouping<string, MemoryMapping> file in Mappings.Where(mapping => mapping.IsFile).GroupBy(mapping => mapping.Path))
        {
            if (!file.Any(mapping => mapping.IsExecutable) || !File.Exists(file.Key))
            {
                continue;
            }

            ElfImage image = ElfImage.Open(FileByteSource.Open(file.Key), file.Key, Limits.Default);
            ulong bias = file.First().Start.Value - image.LoadStart.Value;
            modules.Add(new Module(file.Key, bias, file.First().Start, new TargetAddress(image.LoadEnd.Value + bias), image));
        }

        return modules;
    }
}
