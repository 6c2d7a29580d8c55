using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class ProfilingSignalDeadly : SignalRule
{
    public override string Id => "R4";

    public override string Title => "SIGPROF neither caught nor ignored";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ReportSignal signal = Of(evidence, Profiling);
        if (signal.Verdict == SignalVerdict.Default && IsHarmful(signal))
        {
            yield return Report([signal], "A CPU profile would kill this process: SIGPROF has its default action");
        }
    }
}
