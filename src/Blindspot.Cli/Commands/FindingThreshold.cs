using Blindspot.Analysis;

namespace Blindspot.Cli.Commands;

/// <summary>What <c>--fail-on</c> makes of the worst that was found.</summary>
internal static class FindingThreshold
{
    /// <param name="failOn">"warning", "error"; null for never.</param>
    public static int ExitCodeOf(string? failOn, Severity worst) => failOn switch
    {
        "warning" when worst >= Severity.Warning => ExitCode.Finding,
        "error" when worst >= Severity.Error => ExitCode.Finding,
        _ => ExitCode.Done,
    };
}
