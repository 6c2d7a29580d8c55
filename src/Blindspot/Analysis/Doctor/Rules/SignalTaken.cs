using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class SignalTaken : SignalRule
{
    public override string Id => "R33";

    public override string Title => "Another signal that the runtime needs was taken";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        foreach (IGrouping<(SignalVerdict, ulong?, Severity), ReportSignal> group in evidence.Signals.Signals
            .Where(static signal => IsHarmful(signal) && signal.Number is not (Profiling or Preemption)
                && signal.Verdict is SignalVerdict.Replaced or SignalVerdict.Ignored or SignalVerdict.Default or SignalVerdict.Blocked)
            .GroupBy(static signal => (signal.Verdict, signal.Handler?.Address.Value, signal.Severity)))
        {
            ReportSignal[] signals = [.. group];
            string verb = signals.Length == 1 ? "was" : "were";
            string title = group.Key.Item1 switch
            {
                SignalVerdict.Replaced => $"{Names(signals)} {verb} taken by {Place(signals[0].Culprit)}",
                SignalVerdict.Ignored => $"{Names(signals)} {(signals.Length == 1 ? "is" : "are")} ignored",
                SignalVerdict.Default => $"{Names(signals)} {(signals.Length == 1 ? "has its" : "have their")} default action",
                _ => $"{Threads.Count(signals[0].Threads.Count)} of the runtime {(signals[0].Threads.Count == 1 ? "blocks" : "block")} {Names(signals)}",
            };
            yield return Report(signals, title);
        }
    }
}
