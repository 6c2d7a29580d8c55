using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.LiveTests.Support;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Core;

namespace Blindspot.LiveTests.Core;

/// <summary>Real cores of threaded C and Go+C programs, with gdb as the judge.</summary>
public sealed class CoreSnapshotTests : IDisposable
{
    private readonly CoreMaker _maker = new();

    [Theory]
    [InlineData("c", "kernel")]
    [InlineData("c", "gcore")]
    [InlineData("go", "kernel")]
    [InlineData("go", "gcore")]
    public void Registers_and_modules_equal_gdb(string language, string writer)
    {
        string program = language == "c" ? _maker.BuildC() : _maker.BuildGo();
        string core = writer == "kernel" ? _maker.KernelCore(program) : _maker.GdbCore(program);
        using var snapshot = CoreSnapshot.Open(core, FileSearch.Default, Limits.Default);
        using var cache = new ImageCache();
        var modules = ModuleMap.Build(snapshot, cache, snapshot.Gaps, Limits.Default);

        string[] expected = [.. CoreMaker.Run(
                CoreMaker.Find("gdb"), "-batch", "-nx", "-iex", "set debuginfod enabled off", "-ex",
                "thread apply all -q printf \"R %lx %lx %lx %lx %lx\\n\", $rip, $rsp, $fs_base, $rbp, $r12", program, core)
            .Split('\n').Where(line => line.StartsWith("R ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.True(expected.Length >= 4);
        string[] actual = [.. snapshot.Threads.Select(Line).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, actual);
        Assert.Equal(snapshot.Threads.Count, snapshot.Threads.Select(thread => thread.Tid).Distinct().Count());
        Assert.Contains(snapshot.Threads, thread => thread.Tid == snapshot.Pid);

        Assert.Equal(program, snapshot.ExecutablePath);
        Assert.Equal(program, modules.MainModule?.Path);
        Assert.All(modules.Modules, module => Assert.NotNull(module.Image));
        Assert.Contains(modules.Modules, module => module.Name == "libc.so.6");
        Assert.Contains(modules.Modules, module => module.Path == "[vdso]" && module.Symbols!.TryFindByName("__vdso_gettimeofday", out _));
        Assert.All(snapshot.Threads, thread => Assert.NotNull(modules.Find(thread.State64!.Registers.Pc)));
        Assert.Empty(snapshot.Gaps.ToList());

        // Every module's code, dumped or not, reads as its file has it.
        foreach (Module module in modules.Modules.Where(module => module.Path != "[vdso]"))
        {
            byte[] mapped = new byte[4096];
            byte[] stored = new byte[4096];
            TargetAddress code = module.ExecutableRanges[0].Start;
            Assert.Equal(4096, snapshot.Memory.Read(code, mapped));
            int count = module.Image!.Read(module.ToImage(code), stored);
            Assert.True(count > 0 && stored.AsSpan(0, count).SequenceEqual(mapped.AsSpan(0, count)), module.Path);
        }
    }

    [Theory]
    [InlineData("kernel")]
    [InlineData("gcore")]
    public void Reads_what_was_dumped_and_what_only_the_file_holds(string writer)
    {
        string program = _maker.BuildC();
        string core = writer == "kernel" ? _maker.KernelCore(program) : _maker.GdbCore(program);
        using var snapshot = CoreSnapshot.Open(core, FileSearch.Default, Limits.Default);
        using var cache = new ImageCache();
        Module main = ModuleMap.Build(snapshot, cache, snapshot.Gaps, Limits.Default).MainModule!;

        Assert.True(main.Symbols!.TryFindByName("marker_data", out ElfSymbol data));
        Assert.True(snapshot.Memory.TryReadUInt64(main.ToTarget(data.Address), out ulong value));
        Assert.Equal(CoreMaker.MarkerValue, value);
        Assert.True(main.Symbols.TryFindByName("marker_text", out ElfSymbol text));
        Assert.True(snapshot.Memory.TryReadBytes(main.ToTarget(text.Address), 14, out byte[]? bytes));
        Assert.Equal("only in rodata"u8.ToArray(), bytes);

        ThreadSnapshot first = snapshot.Threads.Single(thread => thread.Tid == snapshot.Pid);
        Assert.Equal("c-threads", first.Name);
        if (writer == "gcore")
        {
            Assert.Null(first.BlockedSignals);
        }
        else
        {
            Assert.Equal(1UL << 11, first.BlockedSignals!.Value & (1UL << 11));
            Assert.Equal(6, snapshot.Signal?.Number);
            Assert.Equal(first, snapshot.Threads[0]);
        }
    }

    [Fact]
    public void Refuses_a_program_that_was_built_anew()
    {
        string program = _maker.BuildC();
        string core = _maker.KernelCore(program);
        string kept = program + ".kept";
        File.Move(program, kept);
        string source = program + ".c";
        File.AppendAllText(source, "\nint more(int x) { return x * 3; }\n");
        CoreMaker.Run(CoreMaker.Find("gcc"), "-g", "-O1", "-pthread", "-o", program, source);

        using (var snapshot = CoreSnapshot.Open(core, FileSearch.Default, Limits.Default))
        using (var cache = new ImageCache())
        {
            Module main = ModuleMap.Build(snapshot, cache, snapshot.Gaps, Limits.Default).MainModule!;
            Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "file-mismatch");
            Assert.False(main.Image?.HasSectionTable);
        }

        using (var snapshot = CoreSnapshot.Open(core, new FileSearch { ExecutablePath = kept }, Limits.Default))
        using (var cache = new ImageCache())
        {
            Module main = ModuleMap.Build(snapshot, cache, snapshot.Gaps, Limits.Default).MainModule!;
            Assert.True(main.Symbols!.TryFindByName("marker_data", out _));
            Assert.Empty(snapshot.Gaps.ToList());
        }
    }

    [Fact]
    public void A_core_cut_anywhere_tells_what_is_missing()
    {
        string core = _maker.KernelCore(_maker.BuildC());
        long whole = new FileInfo(core).Length;
        int threads;
        using (var snapshot = CoreSnapshot.Open(core, FileSearch.Default, Limits.Default))
        {
            threads = snapshot.Threads.Count;
        }

        foreach (long length in new[] { whole / 2, 0x6000, 3000, 1000, 200, 64 })
        {
            using (FileStream file = File.OpenWrite(core))
            {
                file.SetLength(length);
            }

            using var snapshot = CoreSnapshot.Open(core, FileSearch.Default, Limits.Default);
            using var cache = new ImageCache();
            ModuleMap.Build(snapshot, cache, snapshot.Gaps, Limits.Default);
            Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind is "core-cut" or "core-notes-cut");
            Assert.True(length < 0x6000 || snapshot.Threads.Count == threads);
        }
    }

    public void Dispose() => _maker.Dispose();

    private static string Line(ThreadSnapshot thread)
    {
        var state = thread.State64!;
        Assert.True(state.Registers.TryGet(Arch.X64.X64Register.R12, out ulong r12));
        return FormattableString.Invariant($"R {state.Registers.Pc.Value:x} {state.Registers.Sp.Value:x} {state.FsBase!.Value.Value:x} {state.Registers.Bp.Value:x} {r12:x}");
    }
}
