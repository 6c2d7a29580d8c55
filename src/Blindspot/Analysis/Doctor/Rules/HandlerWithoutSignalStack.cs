using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class HandlerWithoutSignalStack : SignalRule
{
    public override string Id => "R19";

    public override string Title => "Handlers without SA_ONSTACK";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        foreach (IGrouping<(SignalVerdict, ulong?), ReportSignal> group in evidence.Signals.Signals
            .Where(static signal => IsHarmful(signal) && signal.Handler is not null
                && signal.Flags?.Contains("SA_ONSTACK") == false
                && signal.Verdict is SignalVerdict.ChainedWithoutOnStack or SignalVerdict.Intact or SignalVerdict.Unknown or SignalVerdict.Replaced)
            .GroupBy(static signal => (signal.Verdict, signal.Handler?.Address.Value)))
        {
            // What a replaced signal breaks besides is another rule's: here it is about the stack.
            ReportSignal[] signals = [.. group];
            string whose = signals[0].Culprit is { } culprit ? Place(culprit) : "The runtime's own handler";
            Finding finding = Report(signals, $"{whose} handles {Names(signals)} without SA_ONSTACK");
            yield return finding with
            {
                Consequence = signals[0].StackHarm ?? finding.Consequence,
                Advice = signals[0].StackHarm is null || signals[0].Culprit is null ? finding.Advice : $"Add SA_ONSTACK to sa_flags where {signals[0].Culprit!.ShortFunction ?? "the handler"} is installed.",
                Certainty = group.Key.Item1 == SignalVerdict.ChainedWithoutOnStack ? Certainty.Proved : Certainty.Likely,
                Severity = group.Key.Item1 == SignalVerdict.ChainedWithoutOnStack ? signals[0].Severity : Severity.Error,
                Weight = group.Key.Item1 == SignalVerdict.ChainedWithoutOnStack ? 5 : -1,
            };
        }
    }
}
