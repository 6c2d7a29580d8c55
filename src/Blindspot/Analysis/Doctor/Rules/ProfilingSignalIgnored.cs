using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class ProfilingSignalIgnored : SignalRule
{
    public override string Id => "R3";

    public override string Title => "SIGPROF ignored";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ReportSignal signal = Of(evidence, Profiling);
        if (signal.Verdict == SignalVerdict.Ignored && IsHarmful(signal))
        {
            yield return Report([signal], "SIGPROF is ignored");
        }
    }
}
