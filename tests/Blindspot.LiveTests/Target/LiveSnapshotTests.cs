using Blindspot.Arch.X64;
using Blindspot.Collect;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.LiveTests.Target;

public sealed class LiveSnapshotTests
{
    private static readonly (X64Register Register, ulong Mark)[] Known =
    [
        (X64Register.Rbx, 0xA), (X64Register.Rbp, 0xB), (X64Register.R12, 0xC),
        (X64Register.R13, 0xD), (X64Register.R14, 0xE), (X64Register.R15, 0xF),
    ];

    private static CaptureOptions Options(CaptureTier tier) => CaptureForTests.By(tier);

    [Theory]
    [InlineData(CaptureTier.Watch)]
    [InlineData(CaptureTier.Stop)]
    public void Blocked_threads_come_with_all_their_registers(CaptureTier tier)
    {
        using CProgram program = CProgram.Start("registers", "20");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        GapLog gaps = new();
        using LiveSnapshot snapshot = LiveCapture.Take(process, Options(tier), gaps, Limits.Default);

        Assert.Equal(tier == CaptureTier.Watch ? "watch" : "stop", snapshot.Capture.How);
        Assert.Equal(tier == CaptureTier.Watch ? 0 : 21, snapshot.Capture.ThreadsStopped);
        Assert.Equal(21, snapshot.Threads.Count);
        ThreadSnapshot[] blocked = [.. snapshot.Threads.Where(thread => thread.Name == "blocked")];
        Assert.Equal(20, blocked.Length);
        foreach (ThreadSnapshot thread in blocked)
        {
            X64ThreadState state = Assert.IsType<X64ThreadState>(thread.State64);
            foreach ((X64Register register, ulong mark) in Known)
            {
                Assert.True(state.Registers.TryGet(register, out ulong value));
                Assert.Equal((mark << 32) + (ulong)thread.Tid, value);
            }

            Assert.Equal(34, state.OriginalRax);
            Assert.Equal('S', thread.State);
            Assert.Equal(1UL << 11, thread.BlockedSignals);
            Assert.Equal(thread.Tid, thread.InnerTid);

            // glibc's thread control block begins with a pointer to itself (tcbhead_t).
            Assert.True(snapshot.Memory.TryReadUInt64(state.FsBase!.Value, out ulong self));
            Assert.Equal(state.FsBase.Value.Value, self);
        }

        Assert.Empty(gaps.ToList());
    }

    [Fact]
    public void Proc_knows_pc_and_sp_and_they_equal_those_of_watch()
    {
        using CProgram program = CProgram.Start("registers", "20");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveSnapshot watch = LiveCapture.Take(process, Options(CaptureTier.Watch), new GapLog(), Limits.Default);
        using LiveSnapshot proc = LiveCapture.Take(process, Options(CaptureTier.Proc), new GapLog(), Limits.Default);

        Assert.Equal("proc", proc.Capture.How);
        Assert.Equal(watch.Threads.Select(thread => thread.Tid), proc.Threads.Select(thread => thread.Tid));
        for (int i = 0; i < proc.Threads.Count; i++)
        {
            Assert.Equal(watch.Threads[i].State64!.Registers.Pc, proc.Threads[i].State64!.Registers.Pc);
            Assert.Equal(watch.Threads[i].State64!.Registers.Sp, proc.Threads[i].State64!.Registers.Sp);
            Assert.Equal(watch.Threads[i].State64!.OriginalRax, proc.Threads[i].State64!.OriginalRax);
            Assert.Equal(watch.Threads[i].BlockedSignals, proc.Threads[i].BlockedSignals);
            Assert.Equal(watch.Threads[i].Name, proc.Threads[i].Name);
            Assert.False(proc.Threads[i].State64!.Registers.IsKnown(X64Register.Rbx));
        }
    }

    [Theory]
    [InlineData(CaptureTier.Watch)]
    [InlineData(CaptureTier.Proc)]
    public void Threads_that_sleep_are_still_and_those_that_run_are_not(CaptureTier tier)
    {
        using CProgram program = CProgram.Start("registers", "10 2");
        using TargetProcess process = TargetProcess.Open(program.Pid);

        // The leader says "ready" just before it sleeps.
        Shell.Until(() => Shell.StatusField(program.Pid, "State")[0] == 'S', "does not sleep");
        using LiveSnapshot snapshot = LiveCapture.Take(process, Options(tier), new GapLog(), Limits.Default);
        Assert.All(snapshot.Threads, thread => Assert.Equal(Consistency.PossiblyTorn, thread.Consistency));

        int[] spinning = [.. snapshot.Threads.Where(thread => thread.Name == "spinning").Select(thread => thread.Tid)];
        string[] before = [.. spinning.Select(tid => File.ReadAllText($"/proc/{tid}/schedstat"))];
        Shell.Until(() => spinning.Zip(before).All(pair => File.ReadAllText($"/proc/{pair.First}/schedstat") != pair.Second), "did not run");
        IReadOnlyList<int> torn = snapshot.CheckStillness();

        Assert.Equal(2, spinning.Length);
        Assert.Equal(spinning, torn.Order());
        Assert.All(snapshot.Threads, thread =>
            Assert.Equal(thread.Name == "spinning" ? Consistency.PossiblyTorn : Consistency.Still, thread.Consistency));
    }

    [Theory]
    [InlineData(CaptureTier.Watch)]
    [InlineData(CaptureTier.Proc)]
    public void A_thread_that_ran_in_between_is_not_called_still(CaptureTier tier)
    {
        using CProgram program = CProgram.Start("registers", "3");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveSnapshot snapshot = LiveCapture.Take(process, Options(tier), new GapLog(), Limits.Default);
        int woken = snapshot.Threads[1].Tid;

        // A stop makes every thread run a little; it is blocked again afterwards.
        Shell.Run("kill", $"-STOP {program.Pid}");
        Shell.Until(() => Shell.StatusField(woken, "State")[0] == 'T', "did not stop");
        Shell.Run("kill", $"-CONT {program.Pid}");
        Shell.Until(() => File.ReadAllText($"/proc/{program.Pid}/task/{woken}/syscall").StartsWith("34 ", StringComparison.Ordinal), "did not block again");

        Assert.Contains(woken, snapshot.CheckStillness());
        snapshot.RefreshThreads([woken]);
        Assert.DoesNotContain(woken, snapshot.CheckStillness());
    }

    [Fact]
    public void An_exact_stop_takes_the_registers_of_a_thread_that_runs()
    {
        using CProgram program = CProgram.Start("registers", "2 2");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        GapLog gaps = new();
        using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.Default, gaps, Limits.Default);
        foreach (int tid in snapshot.Threads.Where(thread => thread.Name == "spinning").Select(thread => thread.Tid).ToList())
        {
            ExactThread exact = Assert.IsType<ExactThread>(snapshot.StopAndRead(tid, CaptureForTests.Default));
            Assert.Equal(Consistency.Exact, exact.Thread.Consistency);
            Assert.True(exact.Thread.State64!.Registers.TryGet(X64Register.Rbx, out ulong rbx));
            Assert.Equal((0xAUL << 32) + (ulong)tid, rbx);
            Assert.True(exact.Memory.TryReadUInt64(exact.Thread.State64.Registers.Sp, out _));
        }

        Assert.Equal(2, snapshot.Capture.ThreadsStopped);
        Assert.True(snapshot.Capture.LongestStop > TimeSpan.Zero);
        Assert.Empty(gaps.ToList());
        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
    }

    [Fact]
    public void While_stopped_nothing_moves_and_afterwards_it_runs_on()
    {
        using CProgram program = CProgram.Start("registers", "8 2");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        GapLog gaps = new();
        bool wasCalled = false;
        using LiveSnapshot snapshot = LiveCapture.Take(process, Options(CaptureTier.Stop), gaps, Limits.Default, stopped =>
        {
            wasCalled = true;
            Assert.False(stopped.IsMoving);
            Assert.All(stopped.Threads, thread => Assert.Equal(Consistency.Exact, thread.Consistency));
            Assert.Equal('t', Shell.StatusField(program.Pid, "State")[0]);
        });

        Assert.True(wasCalled);
        Assert.True(snapshot.IsMoving);
        Assert.Equal(11, snapshot.Capture.ThreadsStopped);
        Assert.Empty(gaps.ToList());
        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
        Shell.Until(() => Shell.StatusField(program.Pid, "State")[0] == 'S', "does not sleep again");
    }

    [Fact]
    public void A_reader_that_takes_too_long_does_not_hold_the_target()
    {
        using CProgram program = CProgram.Start("registers", "2");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        GapLog gaps = new();
        CaptureOptions options = CaptureForTests.By(CaptureTier.Stop) with { StopBudget = TimeSpan.FromMilliseconds(20) };
        using LiveSnapshot snapshot = LiveCapture.Take(process, options, gaps, Limits.Default, _ =>
            Shell.Until(() => Shell.StatusField(program.Pid, "TracerPid") == "0", "still held"));

        Assert.Contains(gaps.ToList(), gap => gap.Kind == "stop-too-short");
    }

    [Fact]
    public void Dispositions_and_alternate_stacks_are_those_of_the_process()
    {
        using CProgram program = CProgram.Start("registers", "2");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        using LiveSnapshot snapshot = LiveCapture.Take(process, CaptureForTests.Default, new GapLog(), Limits.Default);

        Assert.Equal(64, snapshot.Dispositions!.Count);
        SignalDisposition usr1 = snapshot.Dispositions[9];
        Assert.Equal(10, usr1.Signal);
        Assert.Equal(1UL, usr1.Handler.Value);
        Assert.Equal(0UL, snapshot.Dispositions[14].Handler.Value);
        Assert.All(snapshot.Threads.Where(thread => thread.Name == "blocked"), thread => Assert.Equal(16384UL, thread.AlternateStack!.Value.Size));
    }

    [Fact]
    public void Threads_that_come_and_go_do_not_disturb_any_tier()
    {
        using CProgram program = CProgram.Start("churn", "8");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        foreach (CaptureTier tier in Enum.GetValues<CaptureTier>())
        {
            for (int i = 0; i < 20; i++)
            {
                using LiveSnapshot snapshot = LiveCapture.Take(process, Options(tier), new GapLog(), Limits.Default);
                Assert.Contains(snapshot.Threads, thread => thread.Tid == program.Pid);
                foreach (int tid in snapshot.CheckStillness().Take(2))
                {
                    _ = snapshot.StopAndRead(tid, CaptureForTests.Default);
                }
            }
        }

        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
        Assert.Contains(Shell.StatusField(program.Pid, "State")[0], "RSD");
    }

    [Fact]
    public void A_thousand_threads_are_seen_by_every_tier()
    {
        using CProgram program = CProgram.Start("registers", "1000");
        using TargetProcess process = TargetProcess.Open(program.Pid);
        foreach (CaptureTier tier in Enum.GetValues<CaptureTier>())
        {
            GapLog gaps = new();
            using LiveSnapshot snapshot = LiveCapture.Take(process, Options(tier), gaps, Limits.Default);
            Assert.Equal(1001, snapshot.Threads.Count);
            Assert.All(snapshot.Threads, thread => Assert.NotNull(thread.State64));
            Assert.Empty(snapshot.CheckStillness());
            Assert.Empty(gaps.ToList());
        }
    }

    [Theory]
    [InlineData(CaptureTier.Watch)]
    [InlineData(CaptureTier.Proc)]
    public void Threads_in_another_pid_namespace_have_both_ids(CaptureTier tier)
    {
        using CProgram program = CProgram.StartFile("/usr/bin/unshare", $"--pid --fork --kill-child --mount-proc {CProgram.Compile("registers")} 3");
        int pid = int.Parse(File.ReadAllText($"/proc/{program.Pid}/task/{program.Pid}/children"));
        using TargetProcess process = TargetProcess.Open(pid);
        using LiveSnapshot snapshot = LiveCapture.Take(process, Options(tier), new GapLog(), Limits.Default);

        Assert.Equal(1, process.InnerPid);
        Assert.Equal(tier.ToString(), snapshot.Capture.How, ignoreCase: true);
        Assert.Equal([1, 2, 3, 4], snapshot.Threads.Select(thread => thread.InnerTid).Order());
        Assert.All(snapshot.Threads, thread => Assert.True(Directory.Exists($"/proc/{pid}/task/{thread.Tid}")));
    }
}
