using Blindspot.Analysis.Stacks;
using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Runtime;
using Blindspot.Target;
using Blindspot.Target.Core;

namespace Blindspot.Cli.Commands;

/// <summary>From a target to its stacks.</summary>
internal static class StacksPipeline
{
    /// <param name="request">What was asked for.</param>
    /// <param name="progress">Told what is being done, in a few words ("reading 1,000 threads").</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    public static StacksReport Run(StacksRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        progress.Report("reading " + request.Target);
        if (File.Exists(request.Target))
        {
            var core = new CoreOptions { ExecutablePath = request.ExecutablePath };
            using CoreSnapshot snapshot = CoreSnapshot.Open(request.Target, core, Limits.Default);
            return Analyse(snapshot, StacksOptions.Default, progress, cancel);
        }

        var options = new CaptureOptions { Tier = TierOf(request.How) };
        using TargetProcess process = TargetProcess.Open(request.Target);
        using Target.Live.LiveSnapshot live = LiveCapture.Watch(process, options, new GapLog(), Limits.Default);
        return Analyse(live, new StacksOptions(options, request.Exact), progress, cancel);
    }

    private static CaptureTier TierOf(string? how) => how switch
    {
        "proc" => CaptureTier.Proc,
        "stop" => CaptureTier.Stop,
        _ => CaptureTier.Watch,
    };

    private static StacksReport Analyse(Snapshot snapshot, StacksOptions options, IProgress<string> progress, CancellationToken cancel)
    {
        using var images = new ImageCache();
        progress.Report($"opening the files of {snapshot.Threads.Count} threads");
        ModuleMap modules = ModuleMap.Build(snapshot, images, snapshot.Gaps, Limits.Default);
        cancel.ThrowIfCancellationRequested();
        progress.Report("reading the runtime");
        IManagedRuntime? runtime = RuntimeDetector.Detect(snapshot, modules, Limits.Default);
        cancel.ThrowIfCancellationRequested();
        progress.Report($"walking the stacks of {snapshot.Threads.Count} threads and {runtime?.Tasks.Count ?? 0} tasks");
        return StacksAnalysis.Run(snapshot, modules, runtime, options, Limits.Default);
    }
}
