using System.Diagnostics;
using Blindspot.Collect;
using Blindspot.LiveTests.Support;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.LiveTests.Target;

public sealed class InjectionTests
{
    private const int KilledBySignal9 = 137;

    [Theory]
    [InlineData("futex")]
    [InlineData("futex-until")]
    [InlineData("sleep-until")]
    [InlineData("poll")]
    [InlineData("ppoll")]
    [InlineData("select")]
    [InlineData("read")]
    public void From_each_wait_that_can_be_begun_anew_the_same_is_read_as_by_bpf(string kind)
    {
        using Waits target = new(kind);
        using LiveSnapshot snapshot = AssertReadsLikeBpf(target.Pid);
        Assert.Equal(
            [
                (IntervalTimerKind.Real, TimeSpan.FromSeconds(7.5)),
                (IntervalTimerKind.Virtual, TimeSpan.Zero),
                (IntervalTimerKind.Profiling, TimeSpan.FromMilliseconds(1)),
            ],
            snapshot.IntervalTimers!.Select(timer => (timer.Kind, timer.Interval)));
        Assert.InRange(snapshot.IntervalTimers![0].Remaining!.Value.TotalSeconds, 90_000, 100_000);
        Assert.Equal(TimeSpan.Zero, snapshot.IntervalTimers[1].Remaining);
        target.AssertUndisturbed($"after injections into {kind}");
    }

    [Theory]
    [InlineData("1.19", "pure-go", "exe")]
    [InlineData("1.27", "pure-go", "exe")]
    [InlineData("1.19", "deep-c", "exe")]
    [InlineData("1.27", "deep-c", "exe")]
    [InlineData("1.27", "deep-c", "static-musl")]
    public void Of_go_programs_the_same_is_read_as_by_bpf(string go, string specimen, string kind)
    {
        using CProgram program = CProgram.StartFile(
            Specimen.Build(specimen, go, kind), string.Join(' ', ExpectedStacks.Of(specimen).Arguments));
        ProcessRest.Await(program.Pid);
        AssertReadsLikeBpf(program.Pid).Dispose();
        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
    }

    [Fact]
    public void Of_a_net_process_the_same_is_read_as_by_bpf()
    {
        using CProgram program = ChildRole.StartAtRest();
        ProcessRest.Await(program.Pid);
        using LiveSnapshot snapshot = AssertReadsLikeBpf(program.Pid);
        Assert.Contains(snapshot.Dispositions!, signal => signal.Handler.Value > 1);
    }

    /// <summary>nanosleep, and poll for some time, could be restarted by the kernel only as long as we live.</summary>
    [Theory]
    [InlineData("sleep")]
    [InlineData("poll-for")]
    public void Where_no_thread_is_in_a_safe_wait_nothing_is_stopped(string kind)
    {
        using Waits target = new(kind);
        using LiveSnapshot snapshot = Inject(target.Pid, out GapLog gaps);
        Assert.Equal("no-thread-for-injection", Assert.Single(gaps.ToList()).Kind);
        Assert.Null(snapshot.Dispositions);
        Assert.Equal(0, snapshot.Capture.ThreadsStopped);
        target.AssertUndisturbed(kind);
    }

    [Fact]
    public void A_filter_that_forbids_the_call_is_not_put_to_the_test()
    {
        using Waits target = new("futex", "seccomp");
        using LiveSnapshot snapshot = Inject(target.Pid, out GapLog gaps);
        Assert.Equal("injection-forbidden-by-seccomp", Assert.Single(gaps.ToList()).Kind);
        Assert.Null(snapshot.Dispositions);
        Assert.Equal(0, snapshot.Capture.ThreadsStopped);
        target.AssertUndisturbed("behind a filter");
    }

    [Fact]
    public void A_stopped_process_stays_stopped()
    {
        using Waits target = new("futex");
        Shell.Run("kill", $"-STOP {target.Pid}");
        Shell.Until(() => Shell.StatusField(target.Waiter, "State")[0] == 'T', "did not stop");
        using LiveSnapshot snapshot = Inject(target.Pid, out GapLog gaps);
        Assert.Null(snapshot.Dispositions);
        Assert.Equal("no-thread-for-injection", Assert.Single(gaps.ToList()).Kind);
        Assert.Equal('T', Shell.StatusField(target.Waiter, "State")[0]);
        Shell.Run("kill", $"-CONT {target.Pid}");
        target.AssertUndisturbed("stopped");
    }

    [Fact]
    public void A_process_that_somebody_traces_is_left_alone()
    {
        using Waits target = new("futex");
        using Process tracer = Process.Start(
            new ProcessStartInfo(Tests.ExternalTool.Find("strace"), $"-f -p {target.Pid} -o /dev/null") { RedirectStandardError = true })!;
        try
        {
            Shell.Until(() => Shell.StatusField(target.Waiter, "TracerPid") == $"{tracer.Id}", "strace did not attach");
            using LiveSnapshot snapshot = Inject(target.Pid, out GapLog gaps);
            Assert.Null(snapshot.Dispositions);
            Assert.Contains("strace", Assert.Single(gaps.ToList()).Message);
        }
        finally
        {
            Shell.Run("kill", $"-INT {tracer.Id}");
            tracer.WaitForExit();
        }

        target.AssertUndisturbed("traced by another");
    }

    /// <summary>We die after the first ptrace call, and so on: all of the first and last ones, and some of the many alike between.</summary>
    [Theory]
    [InlineData("futex")]
    [InlineData("sleep-until")]
    [InlineData("ppoll")]
    [InlineData("poll")]
    public void Whenever_we_die_the_wait_goes_on(string kind)
    {
        const int each = 20;
        int step = kind == "futex" ? 7 : 31;
        using Waits target = new(kind);
        (int exitCode, string output) = ChildRole.Run("inject", target.Pid);
        Assert.Equal(0, exitCode);
        int calls = int.Parse(output.Split(' ')[^1]);
        Assert.True(calls > 300, output);
        int deaths = 0;
        for (int call = 1; call <= calls; call += call < each || call >= calls - each ? 1 : Math.Min(step, calls - each - call))
        {
            (exitCode, output) = ChildRole.Run("inject", target.Pid, dieAfter: call);
            target.AssertUndisturbed($"{kind}, dead after ptrace call {call} of {calls}");
            deaths += exitCode == KilledBySignal9 ? 1 : 0;
        }

        Assert.True(deaths > 2 * each, $"only {deaths} deaths");
    }

    /// <summary>Also a thread that runs a goroutine, of which only the scheduler's stack may be written to.</summary>
    [Fact]
    public void Whenever_we_die_a_go_program_is_back_in_its_waits()
    {
        using CProgram program = CProgram.StartFile(Specimen.Build("pure-go", "1.19", "exe"));
        ProcessRest.Await(program.Pid);
        string before = SystemCalls(program.Pid);
        int exitCode = KilledBySignal9;
        for (int call = 1; exitCode == KilledBySignal9; call += call < 12 ? 1 : 41)
        {
            (exitCode, string output) = ChildRole.Run("inject", program.Pid, dieAfter: call);
            Assert.True(exitCode is 0 or KilledBySignal9, $"{call}: {output}\n{before}\n{SystemCalls(program.Pid)}");
            Shell.Until(() => SystemCalls(program.Pid) == before, $"after call {call}: {before} is now {SystemCalls(program.Pid)}");
            Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
        }
    }

    [Theory]
    [InlineData("futex")]
    [InlineData("read")]
    public void Two_hundred_injections_amid_signals_disturb_nothing(string kind)
    {
        using Waits target = new(kind, "signals");
        using TargetProcess process = TargetProcess.Open(target.Pid);
        int answered = 0;
        for (int i = 0; i < 200; i++)
        {
            using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Proc), new GapLog(), Limits.Default);
            snapshot.ReadSignalsByInjection(CaptureForTests.Default);
            answered += snapshot.Dispositions is null ? 0 : 1;
        }

        target.AssertUndisturbed("after two hundred injections");
        Assert.True(answered > 20, $"only {answered} of 200 were answered");
    }

    [Fact]
    public void All_that_selfcheck_does_goes_on()
    {
        using SelfCheck target = new();
        using TargetProcess process = TargetProcess.Open(target.Pid);
        for (int i = 0; i < 100; i++)
        {
            using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Proc), new GapLog(), Limits.Default);
            snapshot.ReadSignalsByInjection(CaptureForTests.Default, withAlternateStacks: true);
        }

        target.AssertUndisturbed("after a hundred injections");
    }

    // All but the monitor's, which sleeps for a time of its own choice.
    private static string SystemCalls(int pid) => string.Join(
        '\n',
        Directory.GetDirectories($"/proc/{pid}/task").Order().Select(task => File.ReadAllText(task + "/syscall"))
            .Where(call => call.StartsWith("0 ", StringComparison.Ordinal) || (call.StartsWith("202 ", StringComparison.Ordinal) && call.Split(' ')[4] == "0x0")));

    private static LiveSnapshot AssertReadsLikeBpf(int pid)
    {
        using TargetProcess process = TargetProcess.Open(pid);
        using LiveSnapshot watched = LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Watch), new GapLog(), Limits.Default);
        LiveSnapshot snapshot = Inject(pid, out GapLog gaps, withAlternateStacks: true);
        try
        {
            Assert.All(gaps.ToList(), gap => Assert.Equal("alternate-stacks-unknown", gap.Kind));
            Assert.Equal(watched.Dispositions, snapshot.Dispositions);
            Dictionary<int, AlternateStack?> expected = watched.Threads.ToDictionary(thread => thread.Tid, thread => thread.AlternateStack);
            Assert.All(
                snapshot.Threads.Where(thread => thread.AlternateStack is not null),
                thread => Assert.Equal(expected.GetValueOrDefault(thread.Tid), thread.AlternateStack));
            if (expected.Values.Any(stack => stack is not null))
            {
                Assert.Contains(snapshot.Threads, thread => thread.AlternateStack is not null);
            }

            TestContext.Current.TestOutputHelper?.WriteLine($"{snapshot.Capture.ThreadsStopped} stops, the longest {snapshot.Capture.LongestStop.TotalMilliseconds:0.00} ms");
            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    private static LiveSnapshot Inject(int pid, out GapLog gaps, bool withAlternateStacks = false)
    {
        using TargetProcess process = TargetProcess.Open(pid);
        gaps = new GapLog();
        LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Proc), gaps, Limits.Default);
        snapshot.ReadSignalsByInjection(CaptureForTests.Default, withAlternateStacks);
        return snapshot;
    }
}
