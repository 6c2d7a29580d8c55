using Blindspot.LiveTests.Support;
using Blindspot.LiveTests.Target;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Stacks;

/// <summary>Several Go runtimes in one process: the goroutines of each, and stacks through both.</summary>
public sealed class SeveralRuntimesTests
{
    /// <summary>The two libraries are of different Go versions, so that the layouts of one do not fit the other.</summary>
    [Theory]
    [InlineData("--how watch")]
    [InlineData("--how watch --exact")]
    [InlineData("--how proc")]
    [InlineData("--how stop")]
    public void A_C_program_with_two_libraries(string way)
    {
        string deep = Specimen.Build("deep-c", "1.19", "c-shared") + ".so";
        string callbacks = Specimen.Build("callbacks", "1.27", "c-shared") + ".so";
        string host = CProgram.Compile("libraries", "-g -O1 -pthread");
        using Specimen process = Specimen.StartFile(host, "callbacks", deep, callbacks);
        Assert.Equal("ready", process.Output.ReadLine());

        StacksJson report = StacksJson.Capture($"{process.Pid}", way.Split(' '));

        Assert.All(report.Threads.Concat(report.Tasks), item => Assert.True(item.Stack.End == "complete", $"{item.Json}\n{item.Stack}"));
        AssertOne(report, "deep-c.so", "deep_block", "level_alloca", "deep_enter", "main.enterC", "main.work", "runtime.goexit");
        AssertOne(report, "deep-c.so", "blindspot.specimens/shape.Stay", "main.main", "main.specimen_main", "specimen_main", "run_library");
        AssertOne(report, "callbacks.so", "nest_block", "main.nestAgain", "main.goNest", "runtime.goexit");
        AssertOne(report, "callbacks.so", "blindspot.specimens/shape.Stay", "main.main", "main.specimen_main", "specimen_main", "run_library");
        Assert.Contains("several-go-runtimes", Gaps(report));
        Assert.DoesNotContain(report.Tasks, task => task.Text("runtime") is null);
        Assert.True(process.IsRunning);
    }

    [Theory]
    [InlineData("1.27", "1.21")]
    [InlineData("1.21", "1.27")]
    public void A_Go_program_with_a_library_of_another_Go(string hostGo, string libraryGo)
    {
        string library = Specimen.Build("crossed-deadlock", libraryGo, "c-shared") + ".so";
        string host = GoBuilds.Build("Blindspot.LiveTests/Runtime/Go/Programs/library-host", hostGo, [], cgo: true);
        using Specimen process = Specimen.StartFile(host, "crossed-deadlock", library);
        string core = Path.Combine(Path.GetTempPath(), $"blindspot-test-{process.Pid}");
        try
        {
            ToolRun.Start("gcore", ["-o", core, $"{process.Pid}"]);
            foreach (StacksJson report in (StacksJson[])[StacksJson.Capture($"{process.Pid}"), StacksJson.Capture($"{core}.{process.Pid}", "--exe", host)])
            {
                Assert.All(report.Threads.Concat(report.Tasks), item => Assert.True(item.Stack.End == "complete", $"{item.Json}\n{item.Stack}"));
                AssertOne(report, "library-host", "main.park", "runtime.goexit");

                // One stack through both: the library's goroutine began where C called it, the program's at goexit.
                string[] whole = ["blindspot.specimens/shape.Stay", "main.main", "main.specimen_main", "specimen_main", "enter_library", "main.enter", "main.main", "runtime.main", "runtime.goexit"];
                AssertOne(report, "library-host", whole);
                AssertOne(report, "crossed-deadlock.so", whole);
                AssertOne(report, "crossed-deadlock.so", "main.report", "main.goProgress", "encode_locked", "codec_encode", "main.(*encoder).run", "runtime.goexit");
            }

            Assert.True(process.IsRunning);
        }
        finally
        {
            File.Delete($"{core}.{process.Pid}");
        }
    }

    private static void AssertOne(StacksJson report, string runtime, params string[] functions)
    {
        StacksJson.Item[] own = [.. report.Tasks.Where(task => task.Text("runtime") == runtime)];
        int found = own.Count(task => Contains(task.Stack, functions));
        Assert.True(found == 1, $"{found} stacks of {runtime} have {string.Join(" ← ", functions)}:\n{string.Join("\n", own.Select(task => task.Stack))}\n{report.Gaps}");
    }

    private static bool Contains(StacksJson.Stack stack, string[] functions)
    {
        int at = 0;
        foreach (StacksJson.Frame frame in stack.Frames)
        {
            at += at < functions.Length && frame.Function == functions[at] ? 1 : 0;
        }

        return at == functions.Length;
    }

    private static IEnumerable<string?> Gaps(StacksJson report) =>
        report.Root.GetProperty("gaps").EnumerateArray().Select(gap => gap.GetProperty("kind").GetString());
}
