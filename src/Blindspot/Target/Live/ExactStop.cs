using System.Diagnostics;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>Stops single threads for a moment each, only to take registers and stack; the rest of the process runs on.</summary>
internal static class ExactStop
{
    private const int Attempts = 3;

    /// <summary>
    /// Stops one thread and calls <paramref name="whileStopped"/> on it, on the ptrace thread. Returns the tracee as it
    /// was let go, or null with the reason.
    /// </summary>
    internal static Tracee? TryStop(TargetProcess process, int tid, TimeSpan wait, Action<Tracee> whileStopped, out string? reason)
    {
        reason = RefusalOfChild(process);
        if (reason is not null)
        {
            return null;
        }

        for (int attempt = 1; attempt <= Attempts; attempt++)
        {
            Tracee? stopped = TryOnce(process, tid, wait, whileStopped, out reason, out bool mayRetry);
            if (stopped is not null || !mayRetry)
            {
                return stopped;
            }
        }

        return null;
    }

    private static Tracee? TryOnce(
        TargetProcess process, int tid, TimeSpan wait, Action<Tracee> whileStopped, out string? reason, out bool mayRetry)
    {
        TraceeSet set = new(1);
        string? why = null;
        bool isLate = false;
        PtraceThread.Run(() =>
        {
            Errno error = set.TrySeize(tid);
            if (error != Errno.None)
            {
                why = error == Errno.NoProcess ? "it ended." : Refusal(process, error);
                return;
            }

            try
            {
                set.Interrupt();
                isLate = set.Settle(Stopwatch.GetTimestamp() + (long)(wait.TotalSeconds * Stopwatch.Frequency)) > 0;
                if (isLate)
                {
                    why = $"it did not stop within {wait.TotalMilliseconds:0} ms (an uninterruptible wait in the kernel, or a very busy machine).";
                }
                else if (set.Tracees[0].State == TraceeState.Stopped && set.Tracees[0].HasRegisters)
                {
                    whileStopped(set.Tracees[0]);
                }
                else
                {
                    why = "it ended.";
                }
            }
            finally
            {
                set.Release();
            }
        });
        reason = why;
        mayRetry = isLate;
        return why is null ? set.Tracees[0] : null;
    }

    /// <summary>
    /// A child of ours can't be traced by us: its stops are reported like a child's changes, and .NET's Process, which
    /// waits for its children, would take the first for the end of the child. Null for any other process.
    /// </summary>
    internal static string? RefusalOfChild(TargetProcess process) =>
        ProcThreads.TryReadStat(process.Pid, process.Pid, out ProcStat stat, out _) && stat.Parent == Environment.ProcessId
            ? $"The {process} was started by this very process, which therefore cannot stop it."
            : null;

    /// <summary>Why the kernel refused to let us trace the process.</summary>
    internal static string Refusal(TargetProcess process, Errno error) => process.FindTracer() is { } tracer
        ? $"The {process} is being traced by process {tracer.Pid} ({tracer.Name}) already, and only one can: end that, or look without stopping (--how watch)."
        : ProcThreads.TryReadOwnStatus(out ProcStatus self) && self.Seccomp > 0
            ? $"The {process} may be read but not traced ({error.Describe()}): the filter (seccomp) that we run behind stands in the way. Look without stopping (--how watch), or start blindspot outside of the container or without its filter."
            : $"The {process} may be read but not traced ({error.Describe()}): a security module forbids it, or it changed its user or its rights meanwhile. Look without stopping (--how watch).";
}
