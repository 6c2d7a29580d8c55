using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// Asks the kernel by injected system calls what the process does on each signal, how its interval timers are set, and, of
/// each thread that this is safe with, which alternate stack it has. One thread is stopped at a time.
/// </summary>
internal sealed class InjectedSignalReader
{
    private const int Signals = 64;
    private const int MaxThreads = 16;

    /// <summary>A thread that does something now and then waits again a moment later.</summary>
    private const int Rounds = 5;

    private const int RoundMilliseconds = 3;

    /// <summary>Of one thread. A profiler's timer of 1 kHz ends every second stop or so, each after some progress.</summary>
    private const int MaxStops = 40;

    private const ulong Disabled = 2;
    private const long MaxSeconds = long.MaxValue / TimeSpan.TicksPerSecond / 2;
    private const string Consequence = "so that what the process does on each signal could not be read.";

    private readonly TargetProcess _process;
    private readonly GapLog _gaps;
    private readonly SystemCallInjection? _injection;
    private readonly Action<TimeSpan> _countStop;
    private string? _lastRefusal;

    /// <param name="process">The target.</param>
    /// <param name="options">How long to wait for a stop, and how long it may last.</param>
    /// <param name="limits">How many mappings there may be.</param>
    /// <param name="gaps">Told what could not be read.</param>
    /// <param name="openFile">Opens the file behind a mapping.</param>
    /// <param name="countStop">Told how long each stop was.</param>
    internal InjectedSignalReader(
        TargetProcess process, CaptureOptions options, Limits limits, GapLog gaps, Func<MemoryMapping, ByteSource?> openFile, Action<TimeSpan> countStop)
    {
        _process = process;
        _gaps = gaps;
        _countStop = countStop;
        if (ExactStop.RefusalOfChild(process) is { } refusal)
        {
            gaps.Add("target", "injection-refused", refusal);
            return;
        }

        // Those of now: a thread's stack is told by them.
        List<MemoryMapping>? mappings = ProcMaps.Read(process.MemoryThread, limits, gaps, out _);
        InjectionInstructions? instructions = mappings is null ? null : InjectionInstructions.Find(process, mappings, openFile);
        if (instructions is null)
        {
            gaps.Add("target", "no-instruction-for-injection", $"The {process} has no code from which a system call could be made and returned from, {Consequence}");
            return;
        }

        _injection = new SystemCallInjection(process, instructions, new InjectionStack(process, mappings!, instructions.Restorers), options);
    }

    /// <summary>By signal number, and the three timers; null with a gap where no thread was found that could be asked.</summary>
    internal (SignalDisposition[] Dispositions, IntervalTimer[] Timers)? ReadProcess(IReadOnlyList<int> tids)
    {
        if (_injection is null)
        {
            return null;
        }

        List<InjectedCall> calls = [];
        for (int signal = 1; signal <= Signals; signal++)
        {
            calls.Add(InjectedCall.OfDisposition(signal));
        }

        foreach (IntervalTimerKind kind in Enum.GetValues<IntervalTimerKind>())
        {
            calls.Add(InjectedCall.OfIntervalTimer(kind));
        }

        int done = 0;
        int tried = 0;
        int forbidden = 0;
        for (int round = 0; round < Rounds && forbidden == 0; round++)
        {
            Thread.Sleep(round * RoundMilliseconds);
            foreach (int tid in InOrder(tids, ref forbidden).Take(MaxThreads))
            {
                tried++;
                if (TryAsk(tid, calls, ref done))
                {
                    return calls.TrueForAll(call => call.IsAnswered) ? Decode(calls) : Refused();
                }
            }
        }

        if (tried == 0 && forbidden > 0)
        {
            _gaps.Add(
                "target",
                "injection-forbidden-by-seccomp",
                $"The threads of {_process} that could be asked run behind a filter of system calls (seccomp), which might end the process for the question, {Consequence} Look by BPF (--how watch).");
            return null;
        }

        string reason = _lastRefusal is null ? "" : $" Of the last that was tried: {_lastRefusal}.";
        _gaps.Add(
            "target",
            "no-thread-for-injection",
            $"No thread of {_process} is in a wait that can be interrupted and begun anew without a trace, on a stack with room, {Consequence}{reason} Look by BPF (--how watch), or once more.");
        return null;
    }

    /// <summary>The alternate stack of each thread that could be asked; null for one that has none.</summary>
    internal Dictionary<int, AlternateStack?> ReadAlternateStacks(IReadOnlyList<int> tids)
    {
        Dictionary<int, AlternateStack?> stacks = [];
        if (_injection is null)
        {
            return stacks;
        }

        int forbidden = 0;
        for (int round = 0; round < Rounds && stacks.Count < tids.Count; round++)
        {
            Thread.Sleep(round * RoundMilliseconds);
            foreach (int tid in InOrder([.. tids.Where(tid => !stacks.ContainsKey(tid))], ref forbidden))
            {
                InjectedCall call = InjectedCall.OfAlternateStack();
                int done = 0;
                if (TryAsk(tid, [call], ref done) && call.IsAnswered)
                {
                    bool hasNone = (call.AnswerWord(1) & Disabled) != 0 || call.AnswerWord(2) == 0;
                    stacks[tid] = hasNone ? null : new AlternateStack(new TargetAddress(call.AnswerWord(0)), call.AnswerWord(2));
                }
            }
        }

        if (stacks.Count < tids.Count)
        {
            _gaps.Add(
                "target",
                "alternate-stacks-unknown",
                $"{tids.Count - stacks.Count} of {tids.Count} threads could not be asked for their alternate stack: they run, or wait for something that cannot be begun anew unnoticed, or are behind a filter of system calls (seccomp).");
        }

        return stacks;
    }

    private bool TryAsk(int tid, IReadOnlyList<InjectedCall> calls, ref int done)
    {
        for (int stops = 0; stops < MaxStops && done < calls.Count; stops++)
        {
            string? refusal = _injection!.Run(tid, calls, ref done);
            if (_injection.StoppedFor > TimeSpan.Zero)
            {
                _countStop(_injection.StoppedFor);
            }

            if (refusal is not null)
            {
                _lastRefusal = refusal;
                return false;
            }
        }

        return done == calls.Count;
    }

    /// <summary>Threads that can be asked as far as can be told without a stop, those in futex first: most of them wait for long.</summary>
    private List<int> InOrder(IReadOnlyList<int> tids, ref int forbidden)
    {
        const ulong futex = 202;
        List<int> first = [];
        List<int> others = [];
        Span<byte> buffer = stackalloc byte[256];
        foreach (int tid in tids)
        {
            int length = RawFile.ReadAt($"/proc/{_process.Pid}/task/{tid}/syscall", buffer, out _);
            if (length <= 0 || ProcThreadObserver.ParseSyscall(buffer[..length], out _) is not { } state || state.OriginalRax < 0)
            {
                continue;
            }

            if (!RestartableWait.IsIn(_process.Pid, tid, state)
                || !ProcThreads.TryReadStat(_process.Pid, tid, out ProcStat stat, out _) || stat.State != 'S'
                || !ProcThreads.TryReadStatus(_process.Pid, tid, out ProcStatus status) || status.HasShadowStack)
            {
                continue;
            }

            // A kernel without seccomp has no such line. What lifts a filter (PTRACE_O_SUSPEND_SECCOMP) ends with us, and then
            // the thread would be on its own before the filter.
            if (status.Seccomp > 0)
            {
                forbidden++;
                continue;
            }

            ((ulong)state.OriginalRax == futex ? first : others).Add(tid);
        }

        first.AddRange(others);
        return first;
    }

    private (SignalDisposition[] Dispositions, IntervalTimer[] Timers)? Refused()
    {
        _gaps.Add("target", "injection-failed", $"The kernel gave the {_process} no answer, {Consequence}");
        return null;
    }

    private static (SignalDisposition[] Dispositions, IntervalTimer[] Timers) Decode(List<InjectedCall> calls)
    {
        SignalDisposition[] dispositions = new SignalDisposition[Signals];
        for (int i = 0; i < Signals; i++)
        {
            InjectedCall call = calls[i];
            dispositions[i] = new SignalDisposition(
                i + 1, new TargetAddress(call.AnswerWord(0)), call.AnswerWord(1), new TargetAddress(call.AnswerWord(2)), call.AnswerWord(3));
        }

        IntervalTimer[] timers = new IntervalTimer[calls.Count - Signals];
        for (int i = 0; i < timers.Length; i++)
        {
            InjectedCall call = calls[Signals + i];
            timers[i] = new IntervalTimer(
                (IntervalTimerKind)call.First, ToTime(call.AnswerWord(0), call.AnswerWord(1)), ToTime(call.AnswerWord(2), call.AnswerWord(3)));
        }

        return (dispositions, timers);
    }

    private static TimeSpan ToTime(ulong seconds, ulong microseconds) => new(
        Math.Clamp((long)seconds, 0, MaxSeconds) * TimeSpan.TicksPerSecond + (long)(microseconds % 1_000_000) * TimeSpan.TicksPerMicrosecond);
}
