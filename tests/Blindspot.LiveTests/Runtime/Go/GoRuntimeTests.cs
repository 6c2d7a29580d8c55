using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.LiveTests.Support;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Runtime.Go;
using Blindspot.Tests;
using TaskStatus = Blindspot.Model.TaskStatus;

namespace Blindspot.LiveTests.Runtime.Go;

/// <summary>What is read of real Go processes from outside, against what their own runtime says.</summary>
public sealed class GoRuntimeTests
{
    public static TheoryData<string, string> Builds()
    {
        TheoryData<string, string> builds = [];
        foreach (string version in GoBuilds.Versions)
        {
            foreach (string kind in (string[])["exe", "pie", "cgo-exe", "cgo-pie", "cgo-static"])
            {
                builds.Add(version, kind);
            }
        }

        return builds;
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Goroutines_are_those_of_the_runtime_s_own_dump(string version, string kind)
    {
        using GoProcess process = GoProcess.Start(Build(version, kind));
        GoRuntime runtime = process.Read();
        Compare(runtime, process.Dump());
        Assert.Equal($"table of go{version}", runtime.Layout!.Source);
        Assert.Equal("symbols", runtime.Globals!.Source);
        Assert.Equal(kind.StartsWith("cgo", StringComparison.Ordinal), runtime.Globals.IsCgo);
        Assert.DoesNotContain(process.Gaps.ToList(), gap => gap.Stage == "runtime");
    }

    [Theory]
    [MemberData(nameof(Builds))]
    public void Globals_of_stripped_programs_are_found_where_the_symbols_say(string version, string kind)
    {
        // strip moves nothing, so that the symbols of the whole program say where the stripped one's variables lie.
        string whole = Build(version, kind);
        string stripped = whole + "-stripped";
        ExternalTool.Run("strip", "-o", stripped, whole);
        using GoProcess process = GoProcess.Start(stripped);
        GoRuntime runtime = process.Read();
        GoGlobals globals = runtime.Globals!;
        Assert.Equal("code", globals.Source);
        using ElfImage image = ElfImage.Open(FileByteSource.Open(whole), whole, Limits.Default);
        foreach ((string symbol, TargetAddress found) in ((string, TargetAddress)[])
            [("runtime.allgs", globals.AllGs), ("runtime.allm", globals.AllM), ("runtime.allp", globals.AllP), ("runtime.sched", globals.Sched)])
        {
            Assert.True(image.Symbols.TryFindByName(symbol, out ElfSymbol expected));
            Assert.Equal(runtime.Modules[0].Module.ToTarget(expected.Address), found);
        }

        Assert.Equal(kind == "cgo-static" ? -0x58 : -8, globals.ThreadLocalG);
        Assert.DoesNotContain(process.Gaps.ToList(), gap => gap.Stage == "runtime");
        Compare(runtime, process.Dump());
    }

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.23")]
    [InlineData("1.25")]
    [InlineData("1.27")]
    public void Debug_information_and_the_table_tell_the_same_layout(string version)
    {
        using GoProcess process = GoProcess.Start(Build(version, "exe"));
        GoRuntime runtime = process.Read(module => GoDwarfTypes.Open(module, Limits.Default, process.Gaps));
        Assert.Equal("dwarf", runtime.Layout!.Source);
        Assert.True(GoLayout.TryFromTable(runtime.GoVersion!.Minor!.Value, out GoLayout? table));
        List<string> different = [];
        foreach (GoField field in Enum.GetValues<GoField>())
        {
            if (runtime.Layout[field] != table[field])
            {
                different.Add($"{field}: {runtime.Layout[field]}, the table says {table[field]}");
            }
        }

        Assert.Empty(different);
    }

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.23")]
    [InlineData("1.24")]
    [InlineData("1.27")]
    public void Labels_are_read_in_both_formats(string version)
    {
        using GoProcess process = GoProcess.Start(Build(version, "exe"));
        RuntimeTask[] labelled = [.. process.Read().Tasks.Where(task => task.Labels.Count > 0)];
        Assert.Equal(2, labelled.Length); // the second inherits the first's
        List<KeyValuePair<string, string>> expected = [new("color", "blue"), new("empty", "")];
        for (int i = 0; i < 12; i++)
        {
            expected.Add(new($"key{i:00}", $"{i}"));
        }

        Assert.All(labelled, task => Assert.Equal(expected, task.Labels));
    }

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.27")]
    public void Threads_and_processors_agree_with_the_process(string version)
    {
        using GoProcess process = GoProcess.Start(Build(version, "cgo-exe"));
        GoRuntime runtime = process.Read();
        int[] threads = [.. Directory.GetDirectories($"/proc/{process.Pid}/task").Select(folder => int.Parse(Path.GetFileName(folder)))];
        Assert.Equal(threads.Order(), runtime.Workers.Where(worker => worker.InnerTid != 0).Select(worker => worker.InnerTid).Order());
        Assert.Equal(runtime.Machines.Select(machine => machine.Address), runtime.Workers.Select(worker => worker.Address));
        Assert.All(runtime.Machines.Where(machine => machine.InnerTid != 0), machine =>
        {
            Assert.True(machine.G0StackLow < machine.G0StackHigh);
            Assert.True(machine.SignalStackLow < machine.SignalStackHigh);
        });

        RuntimeScheduler scheduler = runtime.Scheduler!;
        Assert.Equal(Math.Min(Environment.ProcessorCount, 64), scheduler.MaxProcessors);
        Assert.Equal(scheduler.MaxProcessors, scheduler.Processors.Count);
        Assert.Equal(scheduler.IdleWorkers, runtime.Workers.Count(worker => worker.IsIdle));
        Assert.False(scheduler.StopTheWorldPending);

        // cgo keeps one M in reserve for threads that C makes, as soon as it starts.
        Assert.Contains(runtime.Workers, worker => worker.IsBorrowed && worker.InnerTid == 0 && worker.CurrentTask.IsZero);
        RuntimeTask locked = Assert.Single(runtime.Tasks, task => task.LockedInnerTid is not null && !task.IsSystem);
        Assert.Contains(locked.LockedInnerTid!.Value, threads);
        Assert.Contains(runtime.Workers, worker => worker.LockedTask == locked.Address && worker.InnerTid == locked.LockedInnerTid);
    }

    [Fact]
    public void Many_goroutines_are_read_and_read_again()
    {
        using GoProcess process = GoProcess.Start(Build("1.27", "exe"), "20000");
        GoRuntime runtime = process.Read();
        Assert.InRange(runtime.Tasks.Count, 20_000, 20_100);
        Assert.Equal(runtime.Tasks.Select(task => task.Id).Order(), runtime.Tasks.Select(task => task.Id));
        int[] parked = [.. Enumerable.Range(0, runtime.Tasks.Count).Where(i => runtime.Tasks[i].Status == TaskStatus.Waiting && !runtime.Tasks[i].IsSystem)];
        bool[] unchanged = new bool[parked.Length];
        runtime.RereadMany(parked, unchanged);
        Assert.InRange(unchanged.Count(same => same), parked.Length - 2, parked.Length);
        RuntimeTask last = runtime.Tasks[^1];
        Assert.Equal(last.Id, runtime.Reread(last)?.Id);
        Assert.Null(runtime.Reread(last with { Id = last.Id + 1 }));
    }

    [Theory]
    [InlineData("1.19", false)]
    [InlineData("1.27", false)]
    [InlineData("1.27", true)]
    public void Memory_that_lies_gives_wrong_answers_at_most(string version, bool isStripped)
    {
        string path = Build(version, "cgo-exe");
        if (isStripped)
        {
            ExternalTool.Run("strip", "-o", path + "-lying", path);
            path += "-lying";
        }

        using GoProcess process = GoProcess.Start(path);
        int withTasks = 0;
        const int rounds = 150;
        for (int seed = 0; seed < rounds; seed++)
        {
            GoRuntime? runtime = process.ReadMutated(seed, seed % 3 == 0 ? 0.5 : 0.05);
            withTasks += runtime is { Tasks.Count: > 0 } ? 1 : 0;
            Assert.InRange(runtime?.Tasks.Count ?? 0, 0, 100_000);
            foreach (RuntimeTask task in runtime?.Tasks ?? [])
            {
                runtime!.TryResolve(task.CreatorPc, []);
                runtime.Reread(task);
            }
        }

        Assert.InRange(withTasks, 5, rounds);
    }

    private static void Compare(GoRuntime runtime, string dump)
    {
        Dictionary<long, GoDump.Goroutine> told = GoDump.Parse(dump);
        Dictionary<long, RuntimeTask> read = runtime.Tasks.Where(task => !task.IsSystem).ToDictionary(task => task.Id);
        Assert.Equal(told.Keys.Order(), read.Keys.Order());
        Assert.InRange(told.Count, 19, 60);
        List<SourceFrame> frames = [];
        foreach ((long id, GoDump.Goroutine goroutine) in told)
        {
            RuntimeTask task = read[id];
            if (id == 1)
            {
                continue; // it waited for the question then, and answers it now
            }

            Assert.Equal(goroutine.Status, task.StatusText);
            frames.Clear();
            runtime.TryResolve(task.CreatorPc - 1, frames);

            // The dump names the function that holds the code, and not one that was inlined there.
            Assert.Equal(goroutine.CreatedBy, frames[^1].Function);
            Assert.True(task.Saved is { } saved && saved.Sp >= task.StackLow && saved.Sp < task.StackHigh, $"goroutine {id}");
        }
    }

    private static string Build(string version, string kind)
    {
        string[] mode = kind switch
        {
            "pie" or "cgo-pie" => ["-buildmode=pie"],
            "cgo-static" => ["-ldflags=-linkmode=external -extldflags=-static"],
            _ => [],
        };

        return GoProcess.Build(version, mode, kind.StartsWith("cgo", StringComparison.Ordinal));
    }
}
