using Blindspot.Primitives;

namespace Blindspot.Analysis.Doctor;

/// <summary>What is wrong with a process, which of its runtime's profiles can be trusted, what was checked and what could not be seen.</summary>
public sealed record DoctorReport
{
    public required TargetDescription Target { get; init; }

    /// <summary>The worst first.</summary>
    public required IReadOnlyList<Finding> Findings { get; init; }

    /// <summary>Empty for a process whose runtime has no profiles that are known.</summary>
    public required IReadOnlyList<ProfileTrust> Profiles { get; init; }

    public required IReadOnlyList<CheckedRule> Checked { get; init; }

    /// <summary>Time between the two looks; zero where there was one.</summary>
    public TimeSpan Interval { get; init; }

    public required IReadOnlyList<Gap> Gaps { get; init; }
}

/// <summary>A rule that was applied.</summary>
/// <param name="Findings">How many it gave.</param>
/// <param name="Missing">Why it could not be decided; null where it was.</param>
public sealed record CheckedRule(string Id, string Title, int Findings, string? Missing);

/// <summary>Whether one of a runtime's own profiles tells the truth here.</summary>
public sealed record ProfileTrust(string Name, Trust Trust, string Reason);

public enum Trust
{
    /// <summary>It tells what it should.</summary>
    Yes,

    /// <summary>What it tells is true, and something is missing.</summary>
    Partly,

    /// <summary>It says nothing, or something wrong.</summary>
    No,

    /// <summary>Asking for it harms the process.</summary>
    Dangerous,
}
