using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class MaskLeaked : SignalRule
{
    public override string Id => "R7";

    public override string Title => "A call into C left signals blocked on a thread of the runtime";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ReportSignal signal = Of(evidence, Profiling);
        if (signal.Verdict != SignalVerdict.Blocked)
        {
            yield break;
        }

        Finding finding = Report([signal], signal.Threads is [int only]
            ? $"Thread {only} blocks SIGPROF"
            : $"{signal.Threads.Count} threads block SIGPROF");
        yield return finding with { Evidence = [.. MasksOf(evidence, signal.Threads), .. finding.Evidence] };
    }
}
