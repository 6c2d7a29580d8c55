using Blindspot.Collect;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.LiveTests.Target;

public sealed class DoNoHarmTests
{
    private const int KilledBySignal9 = 137;

    /// <summary>We die after the first ptrace call, then after the second, and so on until a run gets through.</summary>
    [Theory]
    [InlineData("stop")]
    [InlineData("exact")]
    public void Whenever_we_die_the_target_goes_on_as_it_was(string role)
    {
        using SelfCheck target = new();
        int deaths = 0;
        while (true)
        {
            (int exitCode, string output) = ChildRole.Run(role, target.Pid, dieAfter: deaths + 1);
            target.AssertUndisturbed($"{role}, dead after ptrace call {deaths + 1}");
            if (exitCode != KilledBySignal9)
            {
                Assert.Equal((0, role == "stop" ? "stop 7" : "proc 7"), (exitCode, output));
                break;
            }

            deaths++;
        }

        // Seven threads, each seized, interrupted, waited for, read and let go.
        Assert.True(deaths >= 35, $"only {deaths} deaths");
    }

    [Fact]
    public void A_stopped_target_stays_stopped_whenever_we_die()
    {
        using CProgram program = CProgram.Start("registers", "2");
        Shell.Run("kill", $"-STOP {program.Pid}");
        Shell.Until(() => Shell.StatusField(program.Pid, "State")[0] == 'T', "did not stop");
        for (int deaths = 1; ; deaths++)
        {
            (int exitCode, string output) = ChildRole.Run("stop", program.Pid, dieAfter: deaths);
            foreach (string task in Directory.GetDirectories($"/proc/{program.Pid}/task"))
            {
                int tid = int.Parse(Path.GetFileName(task));
                Shell.Until(() => Shell.StatusField(tid, "State")[0] == 'T', $"thread {tid} is not stopped any more after call {deaths}");
                Assert.Equal("0", Shell.StatusField(tid, "TracerPid"));
            }

            if (exitCode == 0)
            {
                Assert.Equal("stop 3", output);
                Assert.True(deaths > 15, $"only {deaths - 1} deaths");
                break;
            }

            Assert.Equal(KilledBySignal9, exitCode);
        }

        Shell.Run("kill", $"-CONT {program.Pid}");
        Shell.Until(() => Shell.StatusField(program.Pid, "State")[0] == 'S', "did not go on");
    }

    [Fact]
    public void A_hundred_stops_disturb_nothing_and_lose_no_signal()
    {
        using SelfCheck target = new();
        using TargetProcess process = TargetProcess.Open(target.Pid);
        for (int i = 0; i < 100; i++)
        {
            using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Stop), new GapLog(), Limits.Default);
            Assert.Equal(7, snapshot.Capture.ThreadsStopped);
        }

        target.AssertUndisturbed("after a hundred stops");
    }

    [Theory]
    [InlineData("registers", "1", "it belongs to user 0 and we are user 65534")]
    [InlineData("shapes", "undumpable", "belongs to user 0")]
    public void Who_may_not_read_a_process_is_told_what_is_missing(string name, string argument, string expected)
    {
        using CProgram program = CProgram.Start(name, argument);
        (int exitCode, string output) = ChildRole.Run("open", program.Pid, launcher: "setpriv --reuid=65534 --regid=65534 --clear-groups");
        Assert.Equal(2, exitCode);
        Assert.Contains(expected, output);
        Assert.Contains("CAP_SYS_PTRACE", output);
    }

    [Fact]
    public void Without_the_right_to_use_bpf_threads_are_looked_at_through_proc()
    {
        const string nobody = "--reuid=65534 --regid=65534 --clear-groups";
        using CProgram program = CProgram.StartFile("/usr/bin/setpriv", $"{nobody} {CProgram.Compile("registers")} 3");
        (int exitCode, string output) = ChildRole.Run("open", program.Pid, launcher: $"setpriv {nobody}");
        Assert.Equal((0, "proc 0 watch-unavailable"), (exitCode, output));
    }
}
