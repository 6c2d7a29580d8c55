using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;

namespace Blindspot.Analysis.Signals;

/// <summary>Decides, for each signal, whether its runtimes get it as they need it.</summary>
internal sealed class SignalJudge
{
    private const int Kill = 9;

    private readonly Snapshot _snapshot;
    private readonly ModuleMap _modules;
    private readonly IReadOnlyList<RuntimeSignals> _needs;
    private readonly IReadOnlyList<ThreadFault> _faults;
    private readonly ulong? _frameBytes;
    private readonly Symbolizer _symbolizer;
    private readonly HandlerTrace _trace;
    private readonly Dictionary<(TargetAddress, int), HandlerChain> _chains = [];

    public SignalJudge(
        Snapshot snapshot,
        ModuleMap modules,
        IManagedRuntime? runtime,
        IReadOnlyList<RuntimeSignals> needs,
        Limits limits,
        ulong? frameBytes,
        IReadOnlyList<ThreadFault> faults)
    {
        _snapshot = snapshot;
        _modules = modules;
        _needs = needs;
        _faults = faults;
        _frameBytes = frameBytes;
        _symbolizer = new Symbolizer(snapshot, runtime, limits);
        _trace = new HandlerTrace(modules, snapshot.Memory, needs.SelectMany(static need => need.Handlers.Keys).ToHashSet());
    }

    public ReportSignal Judge(SignalState state)
    {
        ReportSignal signal = Describe(state);
        ReportSignal worst = signal;
        foreach (RuntimeSignals runtime in _needs)
        {
            ReportSignal judged = Judge(signal, state, runtime);
            bool isWorse = judged.Severity > worst.Severity
                || (judged.Severity == worst.Severity && worst.Consequence is null && (judged.Consequence is not null || judged.Verdict != SignalVerdict.Intact));
            worst = isWorse ? judged : worst with { Expected = worst.Expected ?? judged.Expected, IsWanted = worst.IsWanted ?? judged.IsWanted };
        }

        return worst;
    }

    private ReportSignal Describe(SignalState state)
    {
        var signal = new ReportSignal
        {
            Number = state.Number,
            Name = SignalNames.Of(state.Number),
            Disposition = state.Kind,
            Verdict = SignalVerdict.Intact,
        };
        if (state.Exact is not { } exact || state.Kind != DispositionKind.Handler)
        {
            return signal;
        }

        return signal with
        {
            Handler = new SignalHandler(exact.Handler, NameOf(exact.Handler)),
            Flags = SignalFlags.Of(exact.Flags),
            Mask = exact.Mask,
            Restorer = exact.Restorer,
        };
    }

    private ReportSignal Judge(ReportSignal signal, SignalState state, RuntimeSignals runtime)
    {
        RuntimeSignal need = runtime[signal.Number];
        bool isForeign = state is { Kind: DispositionKind.Handler, Exact: { } there } && !IsRuntimes(there.Handler);
        if (need.IsHandled != true)
        {
            // The runtime has not taken it: whoever has may keep it. Its stack matters all the same.
            bool isUnknown = need.IsHandled is null && need.Use is not (SignalUse.None or SignalUse.Internal);
            SignalVerdict open = isUnknown && !IsOwn(state, runtime) ? SignalVerdict.Unknown : SignalVerdict.Intact;
            return isForeign && runtime.NeedsAlternateStack && !IsOnStack(state) && signal.Number != Kill
                ? WithOverwriting(signal with { Verdict = open }, runtime, SignalHarm.None)
                : signal with { Verdict = open, IsWanted = need.IsWanted };
        }

        signal = signal with { Expected = ExpectedOf(runtime), IsWanted = need.IsWanted };
        switch (state.Kind)
        {
            case DispositionKind.Unknown:
                return signal with { Verdict = SignalVerdict.Unknown };
            case DispositionKind.Default:
                return Accuse(signal, SignalVerdict.Default, need, runtime, null);
            case DispositionKind.Ignore:
                return Accuse(signal, SignalVerdict.Ignored, need, runtime, null);
        }

        if (state.Exact is not { } exact)
        {
            return JudgeThreads(signal with { Verdict = SignalVerdict.Unknown }, need, runtime);
        }

        if (isForeign)
        {
            return JudgeForeign(signal, exact, need, runtime);
        }

        // Another runtime's handler hands over what is not its own.
        return IsOnStack(state) || !runtime.NeedsAlternateStack
            ? JudgeThreads(signal, need, runtime)
            : Accuse(signal, SignalVerdict.ChainedWithoutOnStack, need, runtime, null);
    }

    private ReportSignal JudgeForeign(ReportSignal signal, in SignalDisposition exact, in RuntimeSignal need, RuntimeSignals runtime)
    {
        SymbolFrame culprit = signal.Handler!.Code;
        bool isOnStack = (exact.Flags & SignalFlags.OnStack) != 0 || !runtime.NeedsAlternateStack;
        HandlerChain chain = Follow(exact.Handler, signal.Number);
        signal = signal with
        {
            Chain = [.. chain.Functions.Select(NameOf), .. chain.Reached.IsZero ? [] : (SymbolFrame[])[NameOf(chain.Reached)]],
            Certainty = chain.Outcome == ChainOutcome.Sometimes ? Certainty.Likely : Certainty.Proved,
        };
        switch (chain.Outcome)
        {
            case ChainOutcome.Always or ChainOutcome.Sometimes when isOnStack:
                return JudgeThreads(signal with { Verdict = SignalVerdict.Chained }, need, runtime);
            case ChainOutcome.Always or ChainOutcome.Sometimes:
                return Accuse(signal, SignalVerdict.ChainedWithoutOnStack, need, runtime, culprit);
            case ChainOutcome.Never:
                // The one that it was passed on to last keeps it.
                culprit = signal.Chain is [.., { } last] ? last : culprit;
                SignalHarm harm = SignalConsequences.Of(SignalVerdict.Replaced, signal.Name, need, runtime, "");
                ReportSignal replaced = signal with
                {
                    Verdict = SignalVerdict.Replaced,
                    Culprit = culprit,
                    Severity = harm.Severity,
                    Harm = harm.Consequence,
                    Advice = SignalAdvice.Of(SignalVerdict.Replaced, signal.Name, runtime, culprit),
                };
                return isOnStack ? replaced : WithOverwriting(replaced, runtime, harm);
            default:
                _snapshot.Gaps.Add(
                    "analysis",
                    "handler-not-followed",
                    $"Whether {culprit.Function ?? "the handler"} ({culprit.Module ?? "no file"}), which has {signal.Name}, calls {runtime.Words.Name}'s handler could not be found out from its code.");
                ReportSignal unknown = signal with { Verdict = SignalVerdict.Unknown, Culprit = culprit };
                return isOnStack ? unknown : WithOverwriting(unknown, runtime, SignalHarm.None);
        }
    }

    private ReportSignal WithOverwriting(ReportSignal signal, RuntimeSignals runtime, SignalHarm harm)
    {
        string overwrites = SignalConsequences.Overwrites(runtime, _frameBytes);
        SymbolFrame? culprit = signal.Culprit ?? signal.Handler?.Code;
        return signal with
        {
            Culprit = culprit,
            Severity = harm.Severity > Severity.Error ? harm.Severity : Severity.Error,
            StackHarm = overwrites,
            Advice = signal.Advice ?? SignalAdvice.Of(SignalVerdict.ChainedWithoutOnStack, signal.Name, runtime, culprit),
        };
    }

    /// <summary>The signal is handled as it should be; whether it reaches all threads that must get it.</summary>
    private ReportSignal JudgeThreads(ReportSignal signal, in RuntimeSignal need, RuntimeSignals runtime)
    {
        ulong bit = SignalNames.Bit(signal.Number);
        int[] blocking = [.. _faults.Where(fault => fault.Runtime == runtime && (fault.Blocked & bit) != 0).Select(static fault => fault.Tid)];
        if (blocking.Length > 0 && need.Use is SignalUse.Profiling or SignalUse.Preemption or SignalUse.Fault)
        {
            ReportSignal blocked = Accuse(signal with { Threads = blocking }, SignalVerdict.Blocked, need, runtime, null);
            bool areInHandlers = _faults.Where(fault => blocking.Contains(fault.Tid)).All(static fault => fault.IsInHandler);
            return areInHandlers ? blocked with { Advice = SignalAdvice.OfRunningHandler(signal.Name) } : blocked;
        }

        foreach (SignalVerdict verdict in (ReadOnlySpan<SignalVerdict>)[SignalVerdict.AltStackDisabled, SignalVerdict.AltStackTooSmall])
        {
            int[] threads = [.. _faults.Where(fault => fault.Runtime == runtime && fault.StackVerdict == verdict).Select(static fault => fault.Tid)];
            if (threads.Length > 0)
            {
                return Accuse(signal with { Threads = threads }, verdict, need, runtime, null);
            }
        }

        return signal;
    }

    private static ReportSignal Accuse(ReportSignal signal, SignalVerdict verdict, in RuntimeSignal need, RuntimeSignals runtime, SymbolFrame? culprit)
    {
        string threads = signal.Threads switch
        {
            [] => "some threads",
            [int only] => $"thread {only}",
            { Count: var count } => $"{count} threads",
        };
        SignalHarm harm = SignalConsequences.Of(verdict, signal.Name, need, runtime, threads);
        return signal with
        {
            Verdict = verdict,
            Severity = harm.Severity,
            Harm = harm.Consequence,
            Culprit = culprit,
            Advice = harm.Consequence is null ? null : SignalAdvice.Of(verdict, signal.Name, runtime, culprit),
        };
    }

    private HandlerChain Follow(TargetAddress handler, int signal)
    {
        if (!_chains.TryGetValue((handler, signal), out HandlerChain? chain))
        {
            _chains.Add((handler, signal), chain = _trace.Follow(handler, signal));
        }

        return chain;
    }

    private bool IsRuntimes(TargetAddress handler)
    {
        foreach (RuntimeSignals runtime in _needs)
        {
            if (runtime.Owns(handler, _modules))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsOwn(SignalState state, RuntimeSignals runtime) => state.Exact is { } exact && runtime.Owns(exact.Handler, _modules);

    private static bool IsOnStack(SignalState state) => state.Exact is { } exact && (exact.Flags & SignalFlags.OnStack) != 0;

    // Of the two the one that calls through C is used in programs with C, the other in programs without.
    private static string? ExpectedOf(RuntimeSignals runtime)
    {
        string? name = null;
        foreach (string handler in runtime.Handlers.Values)
        {
            name = name is null || handler.Contains("cgo", StringComparison.Ordinal) ? handler : name;
        }

        return name ?? runtime.Words.Name;
    }

    private SymbolFrame NameOf(TargetAddress address)
    {
        var names = new List<SymbolFrame>();
        _symbolizer.Resolve(FrameAddress.Instruction(address), _modules.Find(address), names);
        return names[^1];
    }
}
