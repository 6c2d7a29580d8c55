using Blindspot.Analysis.Doctor;
using Blindspot.Analysis.Signals;
using Blindspot.Analysis.Stacks;
using Blindspot.Primitives;
using Blindspot.Runtime;

namespace Blindspot.Cli.Commands;

/// <summary>
/// A saved snapshot holds what was read, so that each analysis runs before it is written, whatever command saves it: who
/// has the file asks other questions than who made it.
/// </summary>
internal static class SavedEvidence
{
    /// <summary>Reads what the analyses read that have not run yet.</summary>
    public static void Complete(OpenedTarget target, StacksOptions options, StacksReport? stacks, bool hasSignals)
    {
        _ = ProcessObservation.Of(target.Snapshot, withRollup: true);
        _ = target.Runtime?.OwnMemory;
        stacks ??= StacksAnalysis.Run(target.Snapshot, target.Modules, target.Runtime, options, Limits.Default);
        _ = LockWaitReader.Read(target.Snapshot, stacks);
        if (!hasSignals)
        {
            _ = SignalsAnalysis.Run(target.Snapshot, target.Modules, target.Runtime, RuntimeDetector.SignalsOf(target.Runtime, target.Modules), Limits.Default);
        }
    }
}
