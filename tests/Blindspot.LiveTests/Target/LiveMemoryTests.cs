using System.Globalization;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.LiveTests.Target;

public sealed class LiveMemoryTests
{
    // By a walk over the page tables: the counters in status are kept per processor, and lag behind by some pages.
    private static readonly string[] Costs = ["Rss", "Anonymous", "Shared_Clean", "Private_Clean", "Private_Dirty", "Swap"];

    [Fact]
    public void Reading_everything_leaves_memory_page_tables_and_files_as_they_were()
    {
        string file = Path.GetTempFileName();
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.SetLength(256 << 20);
        }

        using CProgram program = CProgram.Start("mappings", file);
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveMemory memory = Open(process, out List<MemoryMapping> mappings);

        // Its first call of pause brings in a page of libc.
        Shell.Until(() => File.ReadAllText($"/proc/{program.Pid}/syscall").StartsWith("34 ", StringComparison.Ordinal), "in pause");
        string[] before = ReadCosts(program.Pid);

        byte[] buffer = new byte[1 << 20];
        long read = 0;
        foreach (MemoryMapping mapping in mappings)
        {
            for (TargetAddress at = mapping.Start; at < mapping.End; at += (ulong)buffer.Length)
            {
                read += memory.Read(at, buffer.AsSpan(0, (int)Math.Min((ulong)buffer.Length, mapping.End - at)));
            }

            for (TargetAddress at = mapping.Start; at < mapping.End && mapping.Size < 32 << 20; at += 4096)
            {
                _ = memory.Read(at, buffer.AsSpan(0, 4096));
            }
        }

        ReadRequest[] requests = new ReadRequest[5000];
        for (int i = 0; i < requests.Length; i++)
        {
            MemoryMapping mapping = mappings[i % mappings.Count];
            requests[i] = new ReadRequest(mapping.Start + (ulong)i * 4096 % mapping.Size, 0, 64);
        }

        memory.ReadMany(requests, buffer);
        Assert.Equal(before, ReadCosts(program.Pid));
        Assert.True(read >= 8 << 20, $"{read} bytes");
        File.Delete(file);
    }

    [Fact]
    public void Touched_memory_is_read_whole_and_untouched_memory_is_not_read()
    {
        string file = Path.GetTempFileName();
        using (FileStream stream = File.OpenWrite(file))
        {
            stream.SetLength(256 << 20);
        }

        using CProgram program = CProgram.Start("mappings", file);
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveMemory memory = Open(process, out _);
        TargetAddress untouched = Address(program.ReadyWords[1]);
        TargetAddress mapped = Address(program.ReadyWords[2]);
        TargetAddress used = Address(program.ReadyWords[3]);
        byte[] buffer = new byte[8 << 20];

        Assert.Equal(buffer.Length, memory.Read(used, buffer));
        Assert.All(buffer.Chunk(4096), page => Assert.Equal(0x5a, page[17]));
        Assert.Equal(0, memory.Read(untouched, buffer));
        Assert.Equal(0, memory.Read(mapped, buffer));

        // A batch in which readable and unreadable pieces alternate; the last one ends where the pages end.
        ReadRequest[] requests = new ReadRequest[2500];
        for (int i = 0; i < requests.Length; i++)
        {
            TargetAddress from = i % 3 == 0 ? untouched : i % 3 == 1 ? new TargetAddress(16) : used;
            requests[i] = new ReadRequest(from + (ulong)i, i * 16, 16);
        }

        Array.Clear(buffer);
        memory.ReadMany(requests, buffer);
        for (int i = 0; i < requests.Length; i++)
        {
            Assert.Equal(i % 3 == 2 ? 16 : 0, requests[i].BytesRead);
            Assert.Equal(i % 3 == 2 ? 0x5a : 0, buffer[i * 16]);
        }

        File.Delete(file);
    }

    [Fact]
    public void The_vdso_is_read_although_the_target_may_not_have_touched_it()
    {
        using CProgram program = CProgram.Start("registers", "1");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveMemory memory = Open(process, out List<MemoryMapping> mappings);
        MemoryMapping vdso = mappings.Single(mapping => mapping.Path == "[vdso]");
        byte[] bytes = new byte[(int)vdso.Size];
        Assert.Equal(bytes.Length, memory.Read(vdso.Start, bytes));
        Assert.Equal("\x7f" + "ELF", System.Text.Encoding.Latin1.GetString(bytes, 0, 4));
        ReadRequest[] request = [new ReadRequest(vdso.Start, 0, 4)];
        memory.ReadMany(request, bytes);
        Assert.Equal(4, request[0].BytesRead);
    }

    [Fact]
    public void A_mapped_file_is_found_by_range_and_also_when_it_was_deleted()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("blindspot-test-").FullName, "deleted");
        File.Copy(CProgram.Compile("registers"), path);
        byte[] contents = File.ReadAllBytes(path);
        using CProgram program = CProgram.StartFile(path, "1");
        File.Delete(path);
        using TargetProcess process = TargetProcess.Open(program.Pid);
        GapLog gaps = new();
        using LiveSnapshot snapshot = Collect.LiveCapture.Take(process, CaptureForTests.Default, gaps, Limits.Default);
        MemoryMapping mapping = snapshot.Mappings.First(candidate => candidate.Path == path);
        Assert.True(mapping.IsDeleted);
        using ByteSource source = snapshot.OpenMappedFile(mapping)!;
        Assert.Equal(contents, source.ReadExactly(0, source.Length, "file"));
        MemoryMapping libc = snapshot.Mappings.First(candidate => candidate.Path.EndsWith("/libc.so.6", StringComparison.Ordinal));
        using ByteSource library = snapshot.OpenMappedFile(libc)!;
        Assert.Equal(new FileInfo(libc.Path).Length, library.Length);
        Assert.Null(snapshot.OpenMappedFile(libc with { Inode = libc.Inode + 1 }));
        Assert.Contains(gaps.ToList(), gap => gap.Kind == "mapped-file-unavailable");
    }

    private static LiveMemory Open(TargetProcess process, out List<MemoryMapping> mappings)
    {
        GapLog gaps = new();
        mappings = ProcMaps.Read(process.MemoryThread, Limits.Default, gaps, out _)!;
        LiveMemory memory = LiveMemory.Open(process, mappings, gaps);
        Assert.Empty(gaps.ToList());
        return memory;
    }

    private static TargetAddress Address(string text) => new(ulong.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));

    private static string[] ReadCosts(int pid)
    {
        string[] lines = File.ReadAllLines($"/proc/{pid}/smaps_rollup");
        return [.. Costs.Select(name => Array.Find(lines, line => line.StartsWith(name + ":", StringComparison.Ordinal)) ?? ""), Shell.StatusField(pid, "VmPTE")];
    }
}
