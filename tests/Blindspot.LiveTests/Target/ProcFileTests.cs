using Blindspot.Collect;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.LiveTests.Target;

public sealed class ProcFileTests
{
    [Fact]
    public void A_process_s_timers_figures_and_descriptors_are_as_it_made_them()
    {
        using CProgram program = CProgram.Start("timers");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveSnapshot snapshot = Take(process);

        PosixTimer[] timers = [.. PosixTimer.ReadAll(snapshot)!.OrderBy(timer => timer.Id)];
        int helper = snapshot.Threads.Single(thread => thread.Tid != program.Pid).Tid;
        Assert.Equal([TimerNotification.Signal, TimerNotification.Signal, TimerNotification.None, TimerNotification.Signal], timers.Select(timer => timer.Notification));
        Assert.Equal([helper, null, null, program.Pid], timers.Select(timer => timer.TargetTid));
        Assert.Equal([true, false, false, false], timers.Select(timer => timer.IsLibraryThread));
        Assert.Equal([false, false, false, true], timers.Select(timer => timer.CountsThreadTime));
        Assert.Equal([32, 10], timers.Take(2).Select(timer => timer.Signal));
        Assert.Equal((27, 77UL), (timers[3].Signal, timers[3].Value & uint.MaxValue));

        int[] descriptors = [.. program.ReadyWords.Skip(1).Select(int.Parse)];
        Assert.Equal([new SignalDescriptor(descriptors[0], (1UL << 11) | (1UL << 26))], SignalDescriptor.ReadAll(snapshot));
        Assert.Equal([new ProcessDescriptor(descriptors[1], program.Pid)], ProcessDescriptor.ReadAll(snapshot));

        var figures = ProcessFigures.Read(snapshot, withRollup: true);
        Assert.InRange(figures.LazyFreeBytes!.Value, (4 << 20) - (64 << 10), 4 << 20);
        Assert.InRange(figures.AnonymousBytes!.Value, 8 << 20, 12 << 20);
        Assert.Equal(2, figures.Threads);
        Assert.Equal(1UL << 9, figures.IgnoredSignals!.Value & (1UL << 9));
        Assert.Equal(1UL << 27, figures.CaughtSignals!.Value & ((1UL << 27) | (1UL << 9)));
        Assert.True(figures.UserTime >= TimeSpan.Zero && figures.ChildUserTime == TimeSpan.Zero);
        Assert.Contains("Max open files", System.Text.Encoding.ASCII.GetString(snapshot.ReadProcFile(ProcFile.Limits)!.Value.Span));
        Assert.NotNull(snapshot.ReadProcFile(ProcFile.Cgroup));
        Assert.Empty(snapshot.Gaps.ToList());
    }

    [Fact]
    public void One_that_has_ended_gives_no_text_but_a_gap()
    {
        using CProgram program = CProgram.Start("timers");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveSnapshot snapshot = Take(process);
        Shell.Kill(program.Pid);
        Shell.Until(() => process.HasExited, "has not ended");
        Shell.Until(() => !Directory.Exists($"/proc/{program.Pid}"), "is still there");
        Assert.Null(PosixTimer.ReadAll(snapshot));
        Assert.Null(SignalDescriptor.ReadAll(snapshot));
        Assert.Equal(new ProcessFigures(), ProcessFigures.Read(snapshot, withRollup: true));
        Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "proc-file-unavailable");
    }

    private static LiveSnapshot Take(TargetProcess process) =>
        LiveCapture.Take(process, CaptureForTests.By(CaptureTier.Proc), new GapLog(), Limits.Default);
}
