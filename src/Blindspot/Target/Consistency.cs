namespace Blindspot.Target;

/// <summary>How far what was read of a thread or task can be trusted to have been true at one moment.</summary>
public enum Consistency
{
    /// <summary>It could not have moved: it was stopped, or comes from a core.</summary>
    Exact,

    /// <summary>It was not stopped, but was seen asleep with the same run counts before and after, and so did not run in between.</summary>
    Still,

    /// <summary>It ran, or may have run, while it was read.</summary>
    PossiblyTorn,
}
