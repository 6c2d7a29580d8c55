using Blindspot.Analysis.Stacks;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>From a request to a report: opens the target and runs the analysis.</summary>
internal static class StacksPipeline
{
    /// <param name="request">What was asked for.</param>
    /// <param name="progress">Told what is being done, in a few words ("reading 1,000 threads").</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    public static StacksReport Run(StacksRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        progress.Report("reading " + request.Target);
        cancel.ThrowIfCancellationRequested();
        throw new BlindspotException($"'{request.Target}' cannot be looked at: the analysis is not wired yet.");
    }
}
