using System.Text;
using System.Text.Json;
using Blindspot.LiveTests.Support;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Saved;

namespace Blindspot.LiveTests.Stacks;

/// <summary>A saved snapshot shows what the process showed, here and where none of its files are.</summary>
public sealed class SavedStacksTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("blindspot-saved-");

    private string SavedFile => Path.Combine(_directory.FullName, "x.snapshot");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("callbacks", "1.27", "exe", "watch")]
    [InlineData("callbacks", "1.19", "pie-stripped", "stop")]
    [InlineData("labels", "1.19", "exe", "watch")]
    [InlineData("pure-go", "1.27", "stripped", "watch")]
    [InlineData("signal-handler-c", "1.27", "static", "proc")]
    [InlineData("foreign-threads", "1.23", "strip", "watch")]
    [InlineData("cpp-names", "1.27", "exe", "watch")]
    [InlineData("callbacks", "1.27", "static-musl", "watch")]
    [InlineData("callbacks", "1.19", "c-shared-stripped", "watch")]
    public void The_same_is_seen_where_the_files_are_not(string name, string go, string kind, string how)
    {
        using Specimen process = Specimen.Start(name, go, kind);
        StacksJson live = Capture($"{process.Pid}", "--how", how, "--save", SavedFile);
        StacksJson here = Capture(SavedFile);
        Assert.Equal(All(live), All(here));

        // Another mount namespace, in which neither the program nor any debug file is.
        StacksJson there = CaptureWithout([Path.GetDirectoryName(process.Path)!, "/usr/lib/debug"], SavedFile);
        Assert.Equal(All(live), All(there));
        Assert.Equal(SavedFile, there.Root.GetProperty("target").GetProperty("saved").GetProperty("file").GetString());
        Assert.True(process.IsRunning);
    }

    /// <summary>Taken where there is no debug information (a pod), looked at where there is (a desk): by its build ID.</summary>
    [Fact]
    public void Debug_files_of_the_machine_that_reads_it_give_names_and_lines()
    {
        string program = Specimen.Build("c-forever", "1.27", "stripped");
        using LaunchedTarget process = LaunchedTarget.Start(
            program, "unshare", "-m", "sh", "-c", "mount -t tmpfs none /usr/lib/debug; exec \"$0\"", program);
        ToolRun run = ToolRun.Start("nsenter", ["--target", $"{process.Pid}", "--mount", Repository.Executable, "snapshot", $"{process.Pid}", "-o", SavedFile]);
        Assert.True(run.ExitCode == 0, run.Error);
        StacksJson pod = CaptureWithout(["/usr/lib/debug"], SavedFile);
        StacksJson desk = Capture(SavedFile);
        Assert.Empty(LinesOfLibc(pod));
        Assert.NotEmpty(LinesOfLibc(desk));
        Assert.Equal(Addresses(pod), Addresses(desk));

        static string[] LinesOfLibc(StacksJson report) =>
            [.. report.Stacks.SelectMany(stack => stack.Frames).Where(frame => frame.Module == "libc.so.6" && frame.File is not null).Select(frame => frame.ToString())];
        static string[] Addresses(StacksJson report) =>
            [.. report.Root.GetProperty("frames").EnumerateArray().Select(frame => frame.GetProperty("address").GetString()!).Distinct().Order(StringComparer.Ordinal)];
    }

    [Fact]
    public void A_core_converts_to_one_that_shows_the_same()
    {
        using Specimen process = Specimen.Start("deep-c", "1.27", "exe");
        string core = Path.Combine(_directory.FullName, "core");
        ToolRun gcore = ToolRun.Start("gcore", ["-o", core, $"{process.Pid}"]);
        Assert.True(gcore.ExitCode == 0, gcore.Error);
        core = $"{core}.{process.Pid}";
        StacksJson original = Capture(core);
        ToolRun run = ToolRun.Blindspot("snapshot", core, "-o", SavedFile);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.True(new FileInfo(SavedFile).Length < new FileInfo(core).Length / 20, "the snapshot is hardly smaller than the core");
        File.Delete(core);
        StacksJson there = CaptureWithout([Path.GetDirectoryName(process.Path)!], SavedFile);
        Assert.Equal(All(original), All(there));
        Assert.Equal(core, there.Root.GetProperty("target").GetProperty("saved").GetProperty("core").GetString());
    }

    [Fact]
    public void Redacted_shows_the_same_stacks_and_holds_no_contents()
    {
        using Specimen process = Specimen.Start("labels", "1.27", "exe");
        StacksJson live = Capture($"{process.Pid}", "--save", SavedFile);
        Assert.True(Holds("/orders/{id}"), "labels are in a full one, or this test tests nothing");
        ToolRun run = ToolRun.Blindspot("snapshot", $"{process.Pid}", "-o", SavedFile, "--redact");
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("contents of memory were left out", run.Error);
        StacksJson redacted = Capture(SavedFile);
        Assert.Equal(Stacks(live), Stacks(redacted));
        Assert.All(redacted.Tasks, task => Assert.Empty(task.Json.GetProperty("labels").EnumerateObject()));
        Assert.False(Holds("/orders/{id}"));

        // One that was saved whole can be redacted later, where nothing but it is.
        Assert.Equal(0, ToolRun.Blindspot("snapshot", $"{process.Pid}", "-o", SavedFile).ExitCode);
        run = Unshared([Path.GetDirectoryName(process.Path)!, "/usr/lib/debug"], $"snapshot '{SavedFile}' --redact -o '{SavedFile}.again'");
        Assert.True(run.ExitCode == 0, run.Error);
        File.Move($"{SavedFile}.again", SavedFile, overwrite: true);
        Assert.Equal(Stacks(live), Stacks(CaptureWithout([Path.GetDirectoryName(process.Path)!, "/usr/lib/debug"], SavedFile)));
        foreach (string secret in (string[])["/orders/{id}", "tenant", "0123456789", "zlib"])
        {
            Assert.False(Holds(secret), $"'{secret}' is in the redacted snapshot");
        }
    }

    [Fact]
    public void Arguments_and_environment_are_in_none_but_a_full_one()
    {
        using Specimen process = Specimen.Start("callbacks", "1.27", "exe", "--token=hunter2-in-arguments");
        Assert.Equal(0, ToolRun.Blindspot("snapshot", $"{process.Pid}", "-o", SavedFile).ExitCode);
        Assert.False(Holds("hunter2-in-arguments"));
        ToolRun run = ToolRun.Blindspot("snapshot", $"{process.Pid}", "-o", SavedFile, "--full");
        Assert.Contains("ALL memory", run.Error);
        Assert.True(Holds("hunter2-in-arguments"));
    }

    [Fact]
    public void With_heaps_the_data_of_the_program_are_there()
    {
        using Specimen process = Specimen.Start("untouched-memory", "1.27", "exe");
        ToolRun run = ToolRun.Blindspot("snapshot", $"{process.Pid}", "-o", SavedFile, "--full");
        Assert.True(run.ExitCode == 0, run.Error);
        using SavedSnapshot saved = Open();
        Assert.True(saved.Origin.HasHeaps);

        // Whatever was resident and its own; and untouched pages are neither read nor saved.
        long resident = File.ReadLines($"/proc/{process.Pid}/smaps_rollup").Where(line => line.StartsWith("Anonymous:", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], null) * 1024);
        long held = Held(saved);
        Assert.InRange(held, resident * 9 / 10, (resident * 11 / 10) + (4 << 20));
    }

    [Fact]
    public void It_goes_to_standard_output_and_through_a_pipe()
    {
        using Specimen process = Specimen.Start("callbacks", "1.27", "exe");
        ToolRun run = ToolRun.Start("/bin/bash", ["-c", $"set -o pipefail; '{Repository.Executable}' snapshot {process.Pid} -o - | cat > '{SavedFile}'"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Equal(All(Capture($"{process.Pid}")), All(Capture(SavedFile)));
    }

    private bool Holds(string text)
    {
        using SavedSnapshot saved = Open();
        byte[] wanted = Encoding.UTF8.GetBytes(text);
        byte[] buffer = new byte[1 << 20];
        foreach (MemoryMapping mapping in saved.Mappings)
        {
            for (TargetAddress at = mapping.Start; at < mapping.End;)
            {
                int read = saved.Memory.ForSearch.Read(at, buffer.AsSpan(0, (int)Math.Min((ulong)buffer.Length, mapping.End - at)));
                if (buffer.AsSpan(0, read).IndexOf(wanted) >= 0)
                {
                    return true;
                }

                at += (ulong)Math.Max(8, read == buffer.Length ? read - wanted.Length : read);
            }
        }

        return File.ReadAllBytes(SavedFile).AsSpan().IndexOf(wanted) >= 0;
    }

    private static long Held(SavedSnapshot saved)
    {
        long held = 0;
        byte[] page = new byte[4096];
        foreach (MemoryMapping mapping in saved.Mappings.Where(mapping => mapping.IsWritable || !mapping.IsFile))
        {
            for (TargetAddress at = mapping.Start; at < mapping.End; at += 4096)
            {
                held += saved.Memory.Read(at, page);
            }
        }

        return held;
    }

    private SavedSnapshot Open() => SavedSnapshot.Open(SavedFile, FileSearch.Default, Limits.Default);

    private static StacksJson Capture(string target, params string[] options) => StacksJson.Capture(target, options);

    private static StacksJson CaptureWithout(string[] folders, string file)
    {
        ToolRun run = Unshared(folders, $"stacks '{file}' --json");
        Assert.True(run.ExitCode == 0, run.Error);
        return StacksJson.Parse(run.Output);
    }

    /// <summary>Runs the tool in a mount namespace of its own, in which some folders are empty.</summary>
    private static ToolRun Unshared(string[] folders, string arguments)
    {
        string hide = string.Concat(folders.Where(Directory.Exists).Select(folder => $"mount -t tmpfs none '{folder}' && "));
        return ToolRun.Start("unshare", ["-m", "/bin/bash", "-c", $"{hide}exec '{Repository.Executable}' {arguments}"]);
    }

    /// <summary>Everything that is told of threads and tasks, with their stacks frame by frame.</summary>
    private static List<string> All(StacksJson report) => Describe(report, static item => item.Json.EnumerateObject()
        .Where(static property => property.Name is not ("stack" or "waitSeconds"))
        .Select(static property => property.ToString()));

    private static List<string> Stacks(StacksJson report) => Describe(report, static _ => []);

    private static List<string> Describe(StacksJson report, Func<StacksJson.Item, IEnumerable<string>> fields) =>
        [.. report.Threads.Concat(report.Tasks).Select(item =>
            $"{Key(item.Json)} {string.Join(' ', fields(item))}\n{item.Stack}")];

    private static string Key(JsonElement item) => item.TryGetProperty("tid", out JsonElement tid) ? $"thread {tid}" : $"task {item.GetProperty("id")}";
}
