using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class PreemptionSignalTaken : SignalRule
{
    public override string Id => "R18";

    public override string Title => "The world can't be stopped: SIGURG taken, blocked or switched off";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ReportSignal signal = Of(evidence, Preemption);
        if (signal.Verdict is SignalVerdict.Replaced or SignalVerdict.Ignored or SignalVerdict.Default or SignalVerdict.Blocked && IsHarmful(signal))
        {
            string title = signal.Verdict switch
            {
                SignalVerdict.Replaced => $"SIGURG was taken by {Place(signal.Culprit)}",
                SignalVerdict.Ignored => "SIGURG is ignored",
                SignalVerdict.Default => "SIGURG has its default action",
                _ => signal.Threads is [int only] ? $"Thread {only} blocks SIGURG" : $"{signal.Threads.Count} threads of the runtime block SIGURG",
            };
            Finding finding = Report([signal], title);
            yield return finding with { Weight = 10, Evidence = [.. MasksOf(evidence, signal.Threads), .. finding.Evidence] };
        }
        else if (evidence.PreemptionIsOff == true && evidence.Words is { } words)
        {
            yield return new Finding
            {
                Rule = Id,
                Severity = Severity.Warning,
                Certainty = Certainty.Proved,
                Title = $"{words.Name} was told not to interrupt its {words.Task}s (GODEBUG=asyncpreemptoff=1)",
                Consequence = $"The garbage collector, and profiles and traces that stop the world, wait for a {words.Task} in a loop without calls as long as that runs.",
                Evidence = [new Evidence("asynchronous preemption", "off", "runtime.debug.asyncpreemptoff")],
                Advice = "Take asyncpreemptoff=1 out of GODEBUG; it mends no CPU profile.",
            };
        }
    }
}
