using System.Diagnostics;
using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Target;

/// <summary>Processes that nobody wishes to meet. Each is looked at or refused in one sentence, and goes on as it was.</summary>
public sealed class UnwelcomeTests
{
    internal static readonly string[][] Ways = [["--how", "watch"], ["--how", "watch", "--exact"], ["--how", "proc"], ["--how", "proc", "--exact"], ["--how", "stop"]];

    private static char State(int tid) => Shell.StatusField(tid, "State")[0];

    /// <summary>Looks in every way; each must see the whole stack of main, and leave the state as it was.</summary>
    private static void AssertSeenAndLeft(int pid, char state, params string[] gaps)
    {
        Shell.Until(() => State(pid) == state, $"not in state {state} but {State(pid)}");
        foreach (string[] way in Ways)
        {
            StacksJson report = StacksJson.Capture($"{pid}", way);
            Assert.Equal("", report.Incomplete);
            Assert.Contains("main", report.Threads[0].Stack.Frames.Select(frame => frame.Function));
            Assert.Equal(way.Contains("stop") ? gaps : [], report.GapKinds);
            Assert.Equal("0", Shell.StatusField(pid, "TracerPid"));
            Shell.Until(() => State(pid) == state, $"after {string.Join(' ', way)} in state {State(pid)}");
        }
    }

    [Theory]
    [InlineData("strict")]
    [InlineData("filter")]
    [InlineData("undumpable")]
    public void One_that_shuts_itself_off(string shape)
    {
        using CProgram program = CProgram.Start("shapes", shape);
        AssertSeenAndLeft(program.Pid, 'S');
        Shell.Until(() => !File.ReadAllText($"/proc/{program.Pid}/syscall").StartsWith("running", StringComparison.Ordinal), "runs");
    }

    [Fact]
    public void One_that_is_stopped_stays_stopped()
    {
        using CProgram program = CProgram.Start("shapes", "filter");
        Shell.Run("kill", $"-STOP {program.Pid}");
        AssertSeenAndLeft(program.Pid, 'T');
        Shell.Run("kill", $"-CONT {program.Pid}");
        Shell.Until(() => State(program.Pid) == 'S', "did not go on");
    }

    /// <summary>The parent of a vfork waits in D state, where no signal and no ptrace stop reaches it.</summary>
    [Fact]
    public void One_in_an_uninterruptible_wait()
    {
        using CProgram program = CProgram.Start("shapes", "vfork");
        AssertSeenAndLeft(program.Pid, 'D', "threads-not-stopped");
        Shell.Kill(int.Parse(File.ReadAllText($"/proc/{program.Pid}/task/{program.Pid}/children")));
        Shell.Until(() => State(program.Pid) == 'S', "did not go on");
    }

    [Theory]
    [InlineData("cgroup", "freezer.state", "FROZEN", "THAWED", 'D')]
    [InlineData("cgroup2", "cgroup.freeze", "1", "0", 'S')]
    public void One_in_a_frozen_cgroup(string kind, string control, string frozen, string thawed, char state)
    {
        Needs.Root();
        string? hierarchy = File.ReadLines("/proc/mounts").Select(line => line.Split(' '))
            .FirstOrDefault(mount => mount[2] == kind && (kind == "cgroup2" || mount[3].Split(',').Contains("freezer")))?[1];
        Assert.SkipWhen(hierarchy is null, $"no {kind} hierarchy is mounted here that freezes");
        string group = Path.Combine(hierarchy, $"blindspot-test-{Environment.ProcessId}");
        using CProgram program = CProgram.Start("shapes", "filter");
        Directory.CreateDirectory(group);
        try
        {
            File.WriteAllText(Path.Combine(group, "cgroup.procs"), $"{program.Pid}");
            File.WriteAllText(Path.Combine(group, control), frozen);
            Shell.Until(
                () => control == "freezer.state"
                    ? File.ReadAllText(Path.Combine(group, control)).Trim() == frozen
                    : File.ReadAllText(Path.Combine(group, "cgroup.events")).Contains("frozen 1", StringComparison.Ordinal),
                "does not freeze");
            AssertSeenAndLeft(program.Pid, state, state == 'D' ? ["threads-not-stopped"] : []);
            File.WriteAllText(Path.Combine(group, control), thawed);
            Shell.Until(() => State(program.Pid) == 'S' && File.ReadAllText($"/proc/{program.Pid}/syscall").StartsWith("34 ", StringComparison.Ordinal), "did not go on");
        }
        finally
        {
            File.WriteAllText(Path.Combine(group, control), thawed);
            Shell.Kill(program.Pid);
            Shell.Until(() => File.ReadAllText(Path.Combine(group, "cgroup.procs")).Length == 0, "does not empty");
            Directory.Delete(group);
        }
    }

    [Fact]
    public void One_that_strace_holds_stopped_for_itself()
    {
        string strace = Tests.ExternalTool.Find("strace");
        using CProgram program = CProgram.Start("shapes", "filter");
        using Process tracer = Process.Start(new ProcessStartInfo(strace, $"-p {program.Pid} -o /dev/null") { RedirectStandardError = true })!;
        try
        {
            Shell.Until(() => Shell.StatusField(program.Pid, "TracerPid") == $"{tracer.Id}", "strace did not attach");
            StacksJson report = StacksJson.Capture($"{program.Pid}");
            Assert.Equal("", report.Incomplete);
            ToolRun stop = ToolRun.Blindspot("stacks", $"{program.Pid}", "--how", "stop");
            Assert.Equal(2, stop.ExitCode);
            Assert.Contains($"is being traced by process {tracer.Id} (strace) already", stop.Error);
            Assert.Equal($"{tracer.Id}", Shell.StatusField(program.Pid, "TracerPid"));
        }
        finally
        {
            tracer.Kill();
        }
    }

    [Fact]
    public void One_that_changes_its_user_while_it_is_looked_at()
    {
        Needs.Root();
        using CProgram program = CProgram.Start("shapes", "user");
        using Blindspot.Target.TargetProcess process = Blindspot.Target.TargetProcess.Open(program.Pid);
        var gaps = new Primitives.GapLog();
        using Blindspot.Target.Live.LiveSnapshot snapshot = Collect.LiveCapture.Take(process, CaptureForTests.Default, gaps, Primitives.Limits.Default);
        program.SendLine();
        Shell.Until(() => Shell.StatusField(program.Pid, "Uid").StartsWith("65534", StringComparison.Ordinal), "did not change");
        Shell.Until(() => File.ReadAllText($"/proc/{program.Pid}/syscall").StartsWith("34 ", StringComparison.Ordinal), "not in pause");

        // Root may read it all the same; who started as its user may not: it is undumpable now.
        Assert.Equal([program.Pid], snapshot.CheckStillness());
        Assert.Empty(gaps.ToList());
        (int exitCode, string output) = ChildRole.Run("open", program.Pid, launcher: "setpriv --reuid=65534 --regid=65534 --clear-groups");
        Assert.Equal(2, exitCode);
        Assert.Contains("has changed its user", output);
    }

    /// <summary>Whatever comes of it, a report or a refusal: one sentence, and it goes on.</summary>
    [Fact]
    public void One_that_becomes_another_program_all_the_time()
    {
        using CProgram program = CProgram.Start("shapes", "reexec");
        for (int i = 0; i < 10; i++)
        {
            foreach (string[] way in Ways)
            {
                ToolRun run = ToolRun.Blindspot(["stacks", $"{program.Pid}", "--json", .. way]);
                Assert.True(run.ExitCode is 0 or 2, run.Error);
                Assert.Equal(run.ExitCode == 0 ? 0 : 1, run.Error.AsSpan().Count('\n'));
                Assert.DoesNotContain("Unexpected error", run.Error);
                if (run.ExitCode == 0)
                {
                    _ = StacksJson.Of(run, "reexec");
                }
            }
        }

        Shell.Until(() => Shell.StatusField(program.Pid, "TracerPid") == "0" && State(program.Pid) is 'R' or 'S', "does not go on");
    }

    [Fact]
    public void One_that_is_killed_while_all_its_threads_stand()
    {
        using CProgram program = CProgram.Start("registers", "50 2");
        using Blindspot.Target.TargetProcess process = Blindspot.Target.TargetProcess.Open(program.Pid);
        var gaps = new Primitives.GapLog();
        using Blindspot.Target.Live.LiveSnapshot snapshot = Collect.LiveCapture.Take(process, CaptureForTests.By(Blindspot.Target.CaptureTier.Stop), gaps, Primitives.Limits.Default, stopped =>
        {
            Shell.Kill(program.Pid);
            Shell.Until(() => process.HasExited, "does not end");
        });
        Assert.Equal(53, snapshot.Threads.Count);
        Assert.Empty(snapshot.CheckStillness());
        Assert.Contains("process-ended", gaps.ToList().Select(gap => gap.Kind));
    }

    /// <summary>execve ends all other threads, also one that stands.</summary>
    [Fact]
    public void One_whose_thread_ends_while_it_stands()
    {
        using CProgram program = CProgram.Start("shapes", "exec");
        using Blindspot.Target.TargetProcess process = Blindspot.Target.TargetProcess.Open(program.Pid);
        var gaps = new Primitives.GapLog();
        using Blindspot.Target.Live.LiveSnapshot snapshot = Collect.LiveCapture.Take(process, CaptureForTests.Default, gaps, Primitives.Limits.Default);
        int sibling = snapshot.Threads.Single(thread => thread.Name == "sibling").Tid;
        Assert.NotNull(snapshot.StopAndRead(sibling, CaptureForTests.Default, (_, _) =>
        {
            program.SendLine();
            Shell.Until(() => !Directory.Exists($"/proc/{program.Pid}/task/{sibling}") || State(sibling) is 'Z' or 'X', "does not end");
        }));
        Shell.Until(() => File.ReadAllText($"/proc/{program.Pid}/comm").Trim() == "sleep", "did not execute");
        Assert.Null(snapshot.StopAndRead(sibling, CaptureForTests.Default));
        Assert.Contains(gaps.ToList(), gap => gap.Kind == "thread-not-stopped" && gap.Message.Contains("it ended", StringComparison.Ordinal));
        Assert.Empty(snapshot.CheckStillness());
        Assert.Contains("process-replaced", gaps.ToList().Select(gap => gap.Kind));
        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
        Shell.Until(() => State(program.Pid) == 'S', "does not go on");
    }

    [Fact]
    public void Blindspot_itself_and_its_parent()
    {
        ToolRun self = ToolRun.Start("sh", ["-c", "exec \"$0\" stacks $$", Repository.Executable]);
        Assert.Equal((2, ""), (self.ExitCode, self.Output));
        Assert.Contains("is blindspot itself, which cannot look at itself", self.Error);
        foreach (string[] way in Ways)
        {
            ToolRun parent = ToolRun.Start("sh", ["-c", "\"$0\" stacks $$ \"$@\"; exit $?", Repository.Executable, .. way, "--json"]);
            Assert.Single(StacksJson.Of(parent, "the parent").Threads);
        }
    }

    [Fact]
    public void One_on_a_file_system_that_does_not_answer()
    {
        Needs.Root();
        Needs.Writable("/dev/fuse", "no FUSE");
        string folder = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        using CProgram server = CProgram.Start("fuse", $"{CProgram.Compile("shapes")} {folder}");
        try
        {
            using CProgram program = CProgram.StartFile(Path.Combine(folder, "program"), "filter");
            Assert.Contains("main", StacksJson.Capture($"{program.Pid}").Threads[0].Stack.Frames.Select(frame => frame.Function));
            Shell.Run("kill", $"-STOP {server.Pid}");
            StacksJson report = StacksJson.Capture($"{program.Pid}");
            Shell.Run("kill", $"-CONT {server.Pid}");
            Assert.Contains("file-system-hangs", report.GapKinds);
            Assert.Contains("its file system does not answer", report.Gaps);
            Assert.NotEmpty(Assert.Single(report.Threads).Stack.Frames);
        }
        finally
        {
            Shell.Run("kill", $"-CONT {server.Pid}");
            Shell.Run("umount", $"--lazy {folder}");
        }
    }
}
