using System.Diagnostics;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>
/// Threads that are being stopped by ptrace and let go again. Every method belongs on the one thread that made the set.
/// Nothing here needs undoing by us: when that thread ends, however it ends, the kernel lets all of them go on as they
/// were, with the signal they were stopped on, and back into a group-stop that was on before.
/// </summary>
internal sealed class TraceeSet(int capacity)
{
    private const uint PauseMicroseconds = 50;

    private readonly HashSet<int> _held = new(capacity);
    private Tracee[] _tracees = new Tracee[capacity];

    internal int Count { get; private set; }

    internal ReadOnlySpan<Tracee> Tracees => _tracees.AsSpan(0, Count);

    internal bool Contains(int tid) => _held.Contains(tid);

    /// <summary>Attaches to a thread without stopping it (PTRACE_SEIZE).</summary>
    internal Errno TrySeize(int tid)
    {
        Errno error = Ptrace.TrySeize(tid);
        if (error == Errno.None)
        {
            if (Count == _tracees.Length)
            {
                Array.Resize(ref _tracees, Count * 2);
            }

            _held.Add(tid);
            _tracees[Count++] = new Tracee { Tid = tid, State = TraceeState.Seized };
        }

        return error;
    }

    /// <summary>Asks all that run to stop.</summary>
    internal void Interrupt()
    {
        foreach (ref Tracee tracee in _tracees.AsSpan(0, Count))
        {
            if (tracee.State == TraceeState.Seized)
            {
                tracee.InterruptedAt = Stopwatch.GetTimestamp();
                tracee.State = Ptrace.TryInterrupt(tracee.Tid) == Errno.None ? TraceeState.Interrupted : TraceeState.Gone;
            }
        }
    }

    /// <summary>
    /// Waits until each has stopped or ended, or <paramref name="deadline"/> (a Stopwatch timestamp) has come, and takes
    /// the registers of those that stopped. Returns how many did not stop in time.
    /// </summary>
    internal int Settle(long deadline)
    {
        while (true)
        {
            int waiting = 0;
            foreach (ref Tracee tracee in _tracees.AsSpan(0, Count))
            {
                if (tracee.State == TraceeState.Interrupted && !TryTake(ref tracee))
                {
                    waiting++;
                }
            }

            if (waiting == 0 || Stopwatch.GetTimestamp() > deadline)
            {
                return waiting;
            }

            _ = Libc.SleepMicroseconds(PauseMicroseconds);
        }
    }

    /// <summary>Lets all that stopped go on. The others are let go by the end of this thread.</summary>
    internal void Release()
    {
        foreach (ref Tracee tracee in _tracees.AsSpan(0, Count))
        {
            if (tracee.State == TraceeState.Stopped)
            {
                _ = Ptrace.TryDetach(tracee.Tid, tracee.Signal);
                tracee.ReleasedAt = Stopwatch.GetTimestamp();
                tracee.State = TraceeState.Released;
            }
        }
    }

    private static bool TryTake(ref Tracee tracee)
    {
        switch (Ptrace.TryWait(tracee.Tid, out int signal))
        {
            case WaitResult.Pending:
                return false;
            case WaitResult.Gone:
                tracee.State = TraceeState.Gone;
                return true;
            default:
                tracee.Signal = signal;
                tracee.State = TraceeState.Stopped;
                tracee.HasRegisters = Ptrace.TryGetRegisters(tracee.Tid, ref tracee.Registers) == Errno.None;
                return true;
        }
    }
}

internal enum TraceeState
{
    Seized,
    Interrupted,
    Stopped,
    Released,
    Gone,
}

/// <summary>One thread in a <see cref="TraceeSet"/>.</summary>
internal struct Tracee
{
    internal int Tid;
    internal TraceeState State;

    /// <summary>The signal on whose delivery it stopped, to be passed on; 0 for none.</summary>
    internal int Signal;

    internal bool HasRegisters;
    internal UserRegisters Registers;

    /// <summary>Stopwatch timestamps.</summary>
    internal long InterruptedAt;

    internal long ReleasedAt;

    internal readonly TimeSpan StoppedFor => ReleasedAt == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(InterruptedAt, ReleasedAt);
}
