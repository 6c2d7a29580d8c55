using Blindspot.Arch.X64;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// Looks at threads through /proc alone. Of the registers it knows those that /proc/TID/syscall tells: pc, sp and, in a
/// system call, its arguments; and none of a thread that runs.
/// </summary>
internal sealed class ProcThreadObserver(int pid, Limits limits, GapLog gaps) : ThreadObserver
{
    private readonly List<int> _tids = [];

    internal override string How => "proc";

    internal override void Observe(List<ThreadObservation> into)
    {
        ProcThreads.List(pid, _tids, limits);
        Observe(_tids, into);
    }

    internal override void Observe(IReadOnlyCollection<int> tids, List<ThreadObservation> into)
    {
        into.Clear();
        foreach (int tid in tids)
        {
            if (TryObserve(tid, out ThreadObservation observation))
            {
                into.Add(observation);
            }
        }
    }

    internal bool TryObserve(int tid, out ThreadObservation observation)
    {
        observation = default;
        if (!ProcThreads.TryReadStat(pid, tid, out ProcStat stat, out _) || !ProcThreads.TryReadStatus(pid, tid, out ProcStatus status)
            || stat.State is 'X' or 'x')
        {
            return false;
        }

        (ulong runNanoseconds, ulong runs) = ReadSchedulerCounts(tid);
        X64ThreadState? registers = ReadRegisters(tid, out bool isRunning);

        // Where the kernel does not count runs, a thread that was being switched out just now would not show: look again.
        bool isUnsure = runs == 0
            && (!ProcThreads.TryReadStatus(pid, tid, out ProcStatus again) || again.Switches != status.Switches);

        ThreadSnapshot thread = new()
        {
            Tid = tid,
            InnerTid = status.InnerTid ?? tid,
            Name = stat.Name,
            State = stat.State,
            State64 = stat.HasEnded ? null : registers,
            Consistency = Consistency.PossiblyTorn,
            BlockedSignals = status.Blocked,
            PendingSignals = status.Pending | status.SharedPending,
            UserTime = ProcStat.FromTicks(stat.UserTicks),
            SystemTime = ProcStat.FromTicks(stat.SystemTicks),
        };
        observation = new ThreadObservation(
            thread, new RunMark(isRunning || isUnsure || status.Switches is null, status.Switches ?? 0, runs, runNanoseconds));
        return true;
    }

    // Three numbers: time on a processor, time waiting for one, times put on one (Documentation/scheduler/sched-stats.rst).
    private (ulong RunNanoseconds, ulong Runs) ReadSchedulerCounts(int tid)
    {
        Span<byte> buffer = stackalloc byte[128];
        int length = RawFile.ReadAt($"/proc/{pid}/task/{tid}/schedstat", buffer, out _);
        int at = 0;
        return length > 0
            && ProcText.TryTakeNumber(buffer[..length], ref at, out ulong nanoseconds)
            && ProcText.TryTakeNumber(buffer[..length], ref at, out _)
            && ProcText.TryTakeNumber(buffer[..length], ref at, out ulong runs)
            ? (nanoseconds, runs)
            : (0, 0);
    }

    // "running", or "-1 SP PC" when blocked elsewhere, or "NUMBER six arguments SP PC" in a system call (proc_pid_syscall(5)).
    private X64ThreadState? ReadRegisters(int tid, out bool isRunning)
    {
        isRunning = true;
        Span<byte> buffer = stackalloc byte[256];
        int length = RawFile.ReadAt($"/proc/{pid}/task/{tid}/syscall", buffer, out Errno error);
        if (length <= 0)
        {
            // The thread may just have ended. But some kernels (and sandboxes) have no such file at all.
            bool isGone = error is Errno.NoEntry or Errno.NoProcess or Errno.None;
            if (!isGone || !File.Exists("/proc/self/syscall"))
            {
                gaps.Add("target", "registers-unreadable", $"/proc/{pid}/task/TID/syscall cannot be read ({error.Describe()}), so that no registers are known. "
                    + (error == Errno.AccessDenied ? "For processes of other users that takes CAP_DAC_READ_SEARCH besides CAP_SYS_PTRACE; or have it stopped for a moment (--how stop)." : "Or have it stopped for a moment (--how stop)."));
            }

            return null;
        }

        return ParseSyscall(buffer[..length], out isRunning);
    }

    internal static X64ThreadState? ParseSyscall(ReadOnlySpan<byte> text, out bool isRunning)
    {
        int at = 0;
        isRunning = true;
        if (!ProcText.TryTakeNumber(text, ref at, out ulong number))
        {
            return null;
        }

        X64Registers registers = default;
        if ((long)number >= 0)
        {
            foreach (X64Register argument in SyscallArguments)
            {
                if (!ProcText.TryTakeHex(text, ref at, out ulong value))
                {
                    return null;
                }

                registers.Set(argument, value);
            }
        }

        if (!ProcText.TryTakeHex(text, ref at, out ulong sp) || !ProcText.TryTakeHex(text, ref at, out ulong pc))
        {
            return null;
        }

        isRunning = false;
        registers.Sp = new TargetAddress(sp);
        registers.Pc = new TargetAddress(pc);
        return new X64ThreadState(registers, (long)number, null, 0);
    }

    /// <summary>The registers of a system call's arguments in their order (System V psABI, AMD64 supplement, A.2.1).</summary>
    private static ReadOnlySpan<X64Register> SyscallArguments =>
        [X64Register.Rdi, X64Register.Rsi, X64Register.Rdx, X64Register.R10, X64Register.R8, X64Register.R9];
}
