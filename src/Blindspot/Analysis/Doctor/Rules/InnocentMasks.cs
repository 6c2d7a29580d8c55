namespace Blindspot.Analysis.Doctor.Rules;

/// <remarks>It accuses nobody: it is why others do not. The evidence leaves such masks out before any rule sees them.</remarks>
internal sealed class InnocentMasks : SignalRule
{
    public override string Id => "R8";

    public override string Title => "Masks for one system call, or while a thread is made, are nobody's fault";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence) => [];
}
