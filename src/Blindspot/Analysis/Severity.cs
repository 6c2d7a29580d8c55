namespace Blindspot.Analysis;

/// <summary>How much harm a finding does.</summary>
public enum Severity
{
    /// <summary>Nothing is wrong: good to know.</summary>
    Info,

    /// <summary>Something does not work as one would think, or will not.</summary>
    Warning,

    /// <summary>Something does not work.</summary>
    Error,

    /// <summary>The process hangs, dies or has its memory corrupted, or will at the next occasion.</summary>
    Critical,
}
