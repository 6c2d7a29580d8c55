using Blindspot.Target;

namespace Blindspot.Analysis.Stacks;

/// <summary>How far the analysis may disturb a live target.</summary>
/// <param name="Capture">The tier and its bounds.</param>
/// <param name="Exact">Stop the threads that run, one at a time, so that their stacks are exact.</param>
public sealed record StacksOptions(CaptureOptions Capture, bool Exact)
{
    public static StacksOptions Default { get; } = new(CaptureOptions.Default, false);
}
