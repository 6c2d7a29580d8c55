using System.Diagnostics;
using System.Text;
using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Target;

/// <summary>Processes that nobody wishes to meet. Each is looked at or refused in one sentence, and goes on as it was.</summary>
public sealed class UnwelcomeTests
{
    private static readonly string[][] Ways = [["--how", "watch"], ["--how", "watch", "--exact"], ["--how", "proc"], ["--how", "proc", "--exact"], ["--how", "stop"]];

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

    [Fact]
    public void Names_of_threads_that_would_take_over_a_terminal()
    {
        using CProgram program = CProgram.Start("shapes", "names");
        foreach (string how in (string[])["watch", "proc"])
        {
            string[] names = [.. StacksJson.Capture($"{program.Pid}", "--how", how).Threads.Select(thread => thread.Text("name")!)];
            foreach (string expected in (string[])["\u001b[31mred", "two\nlines", "a\tb\\x1b", ") R 1 2 3", "\u202etxt", "", "\ufffd\ufffd\ufffd"])
            {
                Assert.Contains(expected, names);
            }

            foreach (string[] options in (string[][])[[], ["--threads"], ["--all-frames", "--no-color"]])
            {
                ToolRun text = ToolRun.Blindspot(["stacks", $"{program.Pid}", "--how", how, .. options]);
                Assert.Equal(0, text.ExitCode);
                Assert.DoesNotContain(text.Output, letter => letter is '\u001b' or '\u202e' or '\u009b' or '\r' or '\t' || (char.IsControl(letter) && letter != '\n'));
            }
        }
    }

    /// <summary>A megabyte of name on the stack, a name full of escape sequences, and one that is no UTF-8.</summary>
    [Fact]
    public void Names_of_functions_that_nobody_could_call()
    {
        string folder = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        string[] names = [new string('n', 1 << 20), "evil\u001b]0;title\u0007\u001b[2J", "half\u00c3"];
        var source = new StringBuilder(".globl main\n");
        string[] labels = ["main", .. names];
        for (int i = 0; i < labels.Length; i++)
        {
            string next = i + 1 < labels.Length ? $"call \"{labels[i + 1]}\"" : "call announce";
            source.Append($".type \"{labels[i]}\",@function\n\"{labels[i]}\":\n.cfi_startproc\nsub $8,%rsp\n.cfi_adjust_cfa_offset 8\n{next}\nnop\n.cfi_endproc\n.size \"{labels[i]}\",.-\"{labels[i]}\"\n");
        }

        source.Append(".section .note.GNU-stack,\"\",@progbits\n");
        File.WriteAllText(Path.Combine(folder, "names.s"), source.ToString(), Encoding.Latin1);
        File.WriteAllText(Path.Combine(folder, "announce.c"), "#include <stdio.h>\n#include <unistd.h>\nvoid announce(void) { puts(\"ready\"); fflush(stdout); for (;;) pause(); }\n");
        Shell.Run("gcc", $"-O1 -no-pie -o {folder}/names {folder}/names.s {folder}/announce.c");
        using CProgram program = CProgram.StartFile(Path.Combine(folder, "names"));

        ToolRun json = ToolRun.Blindspot("stacks", $"{program.Pid}", "--json");
        string?[] functions = [.. StacksJson.Of(json, "odd names").Threads[0].Stack.Frames.Select(frame => frame.Function)];
        Assert.Contains("evil\u001b]0;title\u0007\u001b[2J", functions);
        Assert.Contains("half\ufffd", functions);
        string longest = functions.MaxBy(name => name?.Length ?? 0)!;
        Assert.StartsWith("nnnn", longest);
        Assert.InRange(longest.Length, 1000, 5000);
        ToolRun text = ToolRun.Blindspot("stacks", $"{program.Pid}");
        Assert.DoesNotContain(text.Output, letter => char.IsControl(letter) && letter != '\n');
        Assert.InRange(text.Output.Length, 100, 20_000);
    }

    [Fact]
    public void A_path_longer_than_any_call_takes()
    {
        string top = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
        using CProgram target = CProgram.Start("shapes", $"deep {top}");
        foreach (string[] way in Ways)
        {
            StacksJson report = StacksJson.Capture($"{target.Pid}", way);
            Assert.Equal("", report.Incomplete);
            Assert.Contains("main", report.Threads[0].Stack.Frames.Select(frame => frame.Function));
        }

        Assert.InRange(ToolRun.Blindspot("stacks", $"{target.Pid}").Output.Length, 100, 20_000);
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("code")]
    public void As_many_mappings_as_the_kernel_allows(string kind)
    {
        using CProgram program = CProgram.Start("mapped", kind);
        Assert.True(int.Parse(program.ReadyWords[1]) > 60_000, program.ReadyLine);
        foreach (string[] way in Ways)
        {
            StacksJson report = StacksJson.Capture($"{program.Pid}", way);
            Assert.Equal("", report.Incomplete);
            Assert.Empty(report.Gaps);
        }
    }

    [Fact]
    public void Twenty_thousand_threads()
    {
        int most = Math.Min(
            int.Parse(File.ReadAllText("/proc/sys/kernel/pid_max")) - 2000,
            Math.Min(int.Parse(File.ReadAllText("/proc/sys/kernel/threads-max")), int.Parse(File.ReadAllText("/proc/sys/vm/max_map_count")) / 2));
        const int count = 20_000;
        Assert.SkipUnless(most >= count, $"this machine allows some {most} threads");
        using CProgram program = CProgram.Start("registers", $"{count}");
        foreach (string[] way in (string[][])[["--how", "watch"], ["--how", "proc"], ["--how", "stop"]])
        {
            StacksJson report = StacksJson.Capture($"{program.Pid}", way);
            Assert.Equal(count + 1, report.Threads.Count);
            Assert.All(report.Threads, thread => Assert.NotEqual("no-registers", thread.Stack.End));
        }

        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
    }
}
