using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.Analysis.Signals;

/// <summary>
/// Holds what a process does on each signal against what its runtimes need of it, and tells what follows.
/// </summary>
/// <remarks>
/// What threads block changes all the time: runtimes and C libraries block everything for a moment while they make a
/// thread. So a thread is said to block a signal only if it did so at several looks, and not by the mask that a system
/// call such as epoll_pwait sets for its own duration.
/// </remarks>
public sealed class SignalsAnalysis
{
    private const ulong MinSignalStackEntry = 51; // AT_MINSIGSTKSZ, include/uapi/linux/auxvec.h
    private const int FurtherLooks = 3;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(15);

    private readonly Snapshot _snapshot;
    private readonly ModuleMap _modules;
    private readonly IManagedRuntime? _runtime;
    private readonly IReadOnlyList<RuntimeSignals> _needs;
    private readonly Limits _limits;
    private readonly ulong? _frameBytes;
    private readonly ThreadLook _look;
    private readonly ProcessFigures _figures;

    private SignalsAnalysis(Snapshot snapshot, ModuleMap modules, IManagedRuntime? runtime, IReadOnlyList<RuntimeSignals> needs, Limits limits)
    {
        _snapshot = snapshot;
        _modules = modules;
        _runtime = runtime;
        _needs = needs;
        _limits = limits;
        _frameBytes = snapshot.AuxiliaryVector.TryGetValue(MinSignalStackEntry, out ulong frame) ? frame : null;
        _look = new ThreadLook(snapshot, runtime, _frameBytes);
        _figures = ProcessFigures.Read(snapshot, withRollup: false);
    }

    /// <param name="snapshot">A live process, a core or a saved one.</param>
    /// <param name="modules">What is mapped into it.</param>
    /// <param name="runtime">Null for a process without a runtime that we know.</param>
    /// <param name="needs">What its runtimes need of signals.</param>
    public static SignalsReport Run(
        Snapshot snapshot, ModuleMap modules, IManagedRuntime? runtime, IReadOnlyList<RuntimeSignals> needs, Limits limits) =>
        new SignalsAnalysis(snapshot, modules, runtime, needs, limits).Run();

    private SignalsReport Run()
    {
        IReadOnlyList<SignalState> states = ReadStates();
        IReadOnlyList<PosixTimer>? timers = PosixTimer.ReadAll(_snapshot);
        ILookup<int, PosixTimer> timersOf = (timers ?? []).Where(static timer => timer.TargetTid is not null).ToLookup(static timer => timer.TargetTid!.Value);
        List<ThreadFault> faults = FindFaults();

        var judge = new SignalJudge(_snapshot, _modules, _runtime, _needs, _limits, _frameBytes, faults);
        var signals = new ReportSignal[RuntimeSignals.Last];
        for (int i = 0; i < signals.Length; i++)
        {
            signals[i] = judge.Judge(states[i]);
        }

        var threads = new List<SignalThread>(_snapshot.Threads.Count);
        foreach (ThreadSnapshot thread in _snapshot.Threads)
        {
            threads.Add(_look.Describe(thread, [.. timersOf[thread.Tid]]));
        }

        return new SignalsReport
        {
            Target = TargetDescription.Of(_snapshot, _runtime, _snapshot.Capture),
            Signals = signals,
            Threads = threads,
            Runtimes = [.. _needs.Select(static need => need.Words.Name).Distinct()],
            IntervalTimers = _snapshot.IntervalTimers,
            PosixTimers = timers,
            SignalDescriptors = SignalDescriptor.ReadAll(_snapshot),
            ProcessDescriptors = ProcessDescriptor.ReadAll(_snapshot),
            SignalFrameBytes = _frameBytes,
            Gaps = _snapshot.Gaps.ToList(),
        };
    }

    /// <summary>What of a fault is still there; null for nothing, or where that proves nothing.</summary>
    private ThreadFault? Confirm(ThreadFault before, ThreadSnapshot thread, ulong needed)
    {
        // One that has had no processor since may just be beginning, or about to end.
        ThreadSnapshot? first = _snapshot.Threads.FirstOrDefault(candidate => candidate.Tid == thread.Tid);
        thread = thread with { AlternateStack = thread.AlternateStack ?? first?.AlternateStack };
        bool isStarved = thread.State == 'R' && thread.UserTime + thread.SystemTime == first?.UserTime + first?.SystemTime;
        ThreadFault? now = _look.FaultOf(thread, needed);
        ulong still = before.Blocked & (now?.Blocked ?? 0);
        SignalVerdict stack = now?.StackVerdict == before.StackVerdict ? before.StackVerdict : SignalVerdict.Intact;
        return isStarved || (still == 0 && stack == SignalVerdict.Intact) ? null : before with { Blocked = still, StackVerdict = stack };
    }

    private SignalState[] ReadStates()
    {
        var states = new SignalState[RuntimeSignals.Last];
        IReadOnlyList<SignalDisposition>? known = _snapshot.Dispositions;
        if (known is null)
        {
            TellWhatIsMissing();
        }

        for (int i = 0; i < states.Length; i++)
        {
            int number = i + 1;
            SignalDisposition? disposition = null;
            foreach (SignalDisposition candidate in known ?? [])
            {
                if (candidate.Signal == number)
                {
                    disposition = candidate;
                }
            }

            states[i] = new SignalState(number, disposition is { } exact ? KindOf(exact) : KindOf(number), disposition);
        }

        return states;
    }

    private static DispositionKind KindOf(in SignalDisposition exact) => exact.Handler.Value switch
    {
        0 => DispositionKind.Default,
        1 => DispositionKind.Ignore,
        _ => DispositionKind.Handler,
    };

    // By the masks of /proc/PID/status.
    private DispositionKind KindOf(int signal)
    {
        ulong bit = SignalNames.Bit(signal);
        return _figures is not { IgnoredSignals: { } ignored, CaughtSignals: { } caught } ? DispositionKind.Unknown
            : (ignored & bit) != 0 ? DispositionKind.Ignore
            : (caught & bit) != 0 ? DispositionKind.Handler
            : DispositionKind.Default;
    }

    private void TellWhatIsMissing()
    {
        bool hasMasks = _figures.CaughtSignals is not null;
        string sentence = hasMasks
            ? "Which handler a signal has could not be read: /proc tells only which signals are caught and which are ignored. So a handler that was replaced can't be told from the runtime's own here; BPF shows it (root, or CAP_BPF and CAP_PERFMON), as does --how stop."
            : _snapshot.CorePath is not null || _snapshot.Origin is not null
                ? "A core holds no dispositions of signals: which handlers were installed is not known, only what the runtime's own memory says of it."
                : "What the process does on signals could not be read.";
        _snapshot.Gaps.Add("analysis", "dispositions-unknown", sentence);
    }

    private List<ThreadFault> FindFaults()
    {
        ulong needed = 0;
        foreach (RuntimeSignals runtime in _needs)
        {
            foreach (RuntimeSignal signal in runtime.Signals)
            {
                bool isNeeded = signal.IsHandled != false && signal.Use is SignalUse.Profiling or SignalUse.Preemption or SignalUse.Fault;
                needed |= isNeeded ? SignalNames.Bit(signal.Number) : 0;
            }
        }

        var faults = new Dictionary<int, ThreadFault>();
        foreach (ThreadSnapshot thread in _snapshot.Threads)
        {
            if (_look.FaultOf(thread, needed) is { } fault)
            {
                faults.Add(thread.Tid, fault);
            }
        }

        for (int round = 0; round < FurtherLooks && faults.Count > 0 && _snapshot is LiveSnapshot live; round++)
        {
            Thread.Sleep(BetweenLooks);
            Dictionary<int, ThreadSnapshot> now = live.LookAt(faults.Keys).ToDictionary(static thread => thread.Tid);
            foreach (ThreadFault before in faults.Values.ToArray())
            {
                if (now.TryGetValue(before.Tid, out ThreadSnapshot? thread) && Confirm(before, thread, needed) is { } confirmed)
                {
                    faults[before.Tid] = confirmed;
                }
                else
                {
                    faults.Remove(before.Tid);
                }
            }
        }

        return [.. faults.Values];
    }
}
