using Blindspot.Analysis.Doctor;
using Blindspot.Analysis.Stacks;
using Blindspot.Primitives;
using Blindspot.Runtime;
using Blindspot.Target;

namespace Blindspot.Cli.Commands;

/// <summary>From a target to what is wrong with it.</summary>
internal static class DoctorPipeline
{
    /// <param name="request">What was asked for.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    public static DoctorReport Run(DoctorRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        var capture = new CaptureOptions { Tier = request.Target.Tier };
        using OpenedTarget target = OpenedTarget.Open(request.Target, capture, request.Saving?.Log, progress, cancel);
        progress.Report($"examining {target.Snapshot.Threads.Count} threads and {target.Runtime?.Tasks.Count ?? 0} tasks");
        DoctorReport report = DoctorExamination.Run(
            target.Snapshot,
            target.Modules,
            target.Runtime,
            RuntimeDetector.SignalsOf(target.Runtime, target.Modules),
            new StacksOptions(capture, request.Exact),
            target.IsLive ? () => target.LookAgain(capture) : null,
            Limits.Default);
        request.Saving?.Write(target.Snapshot, target.Runtime, progress, cancel);
        return report;
    }
}
