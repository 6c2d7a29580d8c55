using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class ProfilingSignalReplaced : SignalRule
{
    public override string Id => "R2";

    public override string Title => "SIGPROF taken by a foreign handler";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ReportSignal signal = Of(evidence, Profiling);
        if (signal.Verdict == SignalVerdict.Replaced && IsHarmful(signal))
        {
            yield return Report([signal], $"SIGPROF was taken by {Place(signal.Culprit)}");
        }
    }
}
