using Blindspot.Analysis.Signals;
using Blindspot.Analysis.Stacks;
using Blindspot.Primitives;
using Blindspot.Runtime;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.Cli.Commands;

/// <summary>From a target to what it does on signals.</summary>
internal static class SignalsPipeline
{
    /// <param name="request">What was asked for.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    public static SignalsReport Run(SignalsRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        var capture = new CaptureOptions { Tier = request.Target.Tier };
        using OpenedTarget target = OpenedTarget.Open(request.Target, capture, request.Saving?.Log, progress, cancel);
        if (capture.Tier == CaptureTier.Stop && target.Snapshot is LiveSnapshot live)
        {
            progress.Report("asking a thread of the target");
            live.ReadSignalsByInjection(capture, withAlternateStacks: live.Threads.Any(static thread => thread.AlternateStack is null));
        }

        progress.Report($"looking at what {target.Snapshot.Threads.Count} threads do on signals");
        SignalsReport report = SignalsAnalysis.Run(
            target.Snapshot, target.Modules, target.Runtime, RuntimeDetector.SignalsOf(target.Runtime, target.Modules), Limits.Default);
        if (request.Saving is not null)
        {
            SavedEvidence.Complete(target, new StacksOptions(capture, Exact: false), stacks: null, hasSignals: true);
        }

        request.Saving?.Write(target.Snapshot, target.Runtime, progress, cancel);
        return report;
    }
}
