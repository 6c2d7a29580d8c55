using Blindspot.Analysis.Stacks;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Cli.Commands;

/// <summary>From a target to its stacks.</summary>
internal static class StacksPipeline
{
    /// <param name="request">What was asked for.</param>
    /// <param name="progress">Told what is being done, in a few words ("reading 1,000 threads").</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    public static StacksReport Run(StacksRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        var capture = new CaptureOptions { Tier = request.Target.Tier };
        using OpenedTarget target = OpenedTarget.Open(request.Target, capture, request.Saving?.Log, progress, cancel);
        progress.Report($"walking the stacks of {target.Snapshot.Threads.Count} threads and {target.Runtime?.Tasks.Count ?? 0} tasks");
        var options = new StacksOptions(capture, request.Exact);
        StacksReport report = StacksAnalysis.Run(target.Snapshot, target.Modules, target.Runtime, options, Limits.Default);
        if (request.Saving is not null)
        {
            SavedEvidence.Complete(target, options, report, hasSignals: false);
        }

        request.Saving?.Write(target.Snapshot, target.Runtime, progress, cancel);
        return report;
    }
}
