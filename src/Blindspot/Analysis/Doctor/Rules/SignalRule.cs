using Blindspot.Analysis.Signals;
using Blindspot.Model;
using Blindspot.Symbols;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

/// <summary>A rule about what became of signals that a runtime needs.</summary>
internal abstract class SignalRule : Rule
{
    protected const int Profiling = 27;
    protected const int Preemption = 23;

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Signals.Runtimes.Count > 0 && evidence.Signals.Signals.All(static signal => signal.Disposition == DispositionKind.Unknown)
            ? "what the process does on signals is not known"
            : null;

    /// <summary>A finding that says of some signals what the signals' own report says of the first.</summary>
    protected Finding Report(IReadOnlyList<ReportSignal> signals, string title)
    {
        ReportSignal first = signals[0];
        return new Finding
        {
            Rule = Id,
            Severity = first.Severity,
            Certainty = first.Certainty,
            Title = title,
            // What the stack adds is another rule's to tell.
            Consequence = first.Harm ?? first.Consequence ?? "",
            Culprit = first.Culprit is { } code ? new Culprit(code) : first.Threads is [int only] ? new Culprit(null, only) : null,
            Evidence = [.. EvidenceOf(signals)],
            Advice = first.Advice,
        };
    }

    protected static string Names(IReadOnlyList<ReportSignal> signals) => signals.Count <= 4
        ? string.Join(", ", signals.Select(static signal => signal.Name))
        : $"{string.Join(", ", signals.Take(3).Select(static signal => signal.Name))} and {signals.Count - 3} more";

    protected static string Place(SymbolFrame? code) => code is null ? "unknown code"
        : $"{code.ShortFunction ?? $"code at 0x{code.ModuleOffset:x}"} ({code.Module ?? "no file"})";

    private static IEnumerable<Evidence> EvidenceOf(IReadOnlyList<ReportSignal> signals)
    {
        foreach (ReportSignal signal in signals.Take(3))
        {
            string value = signal.Disposition switch
            {
                DispositionKind.Default => "SIG_DFL",
                DispositionKind.Ignore => "SIG_IGN",
                DispositionKind.Handler when signal.Handler is { } handler => $"{handler.Address} {handler.Code.Function ?? "?"} ({handler.Code.Module ?? "no file"}), {string.Join(' ', signal.Flags ?? [])}",
                DispositionKind.Handler => "a handler",
                _ => "unknown",
            };
            yield return new Evidence($"action of {signal.Name}", value, "kernel");
            if (signal.Expected is { } expected)
            {
                yield return new Evidence($"installed for {signal.Name} by the runtime", expected, "the runtime's table of signals it handles");
            }

            if (signal.Chain.Count > 1)
            {
                yield return new Evidence("passed on through", string.Join(" → ", signal.Chain.Select(static code => code.ShortFunction ?? "?")), "the handlers' code and variables");
            }
        }
    }

    protected static ReportSignal Of(DoctorEvidence evidence, int number) => evidence.Signals.Signals[number - 1];

    protected static bool IsHarmful(ReportSignal signal) => signal.Consequence is not null && signal.Severity > Severity.Info;

    protected static IEnumerable<Evidence> MasksOf(DoctorEvidence evidence, IEnumerable<int> tids)
    {
        foreach (int tid in tids.Take(5))
        {
            ThreadSnapshot? thread = evidence.First.FindThread(tid);
            string load = evidence.LoadOf(tid) is { } share ? $", {share:P0} of a processor" : "";
            yield return new Evidence($"mask of thread {tid} ({thread?.Name})", $"0x{thread?.BlockedSignals:x}{load}", "kernel");
        }
    }
}
