namespace Blindspot.Analysis;

/// <summary>How sure a finding is.</summary>
public enum Certainty
{
    /// <summary>It would explain what was seen.</summary>
    Possible,

    /// <summary>What was seen hardly has another explanation.</summary>
    Likely,

    /// <summary>It was seen.</summary>
    Proved,
}
