namespace Blindspot.Analysis.Doctor;

/// <summary>
/// One thing that can be wrong with a process: what must be known to tell, how it is decided, what follows and what to do.
/// docs/rules has a page for each.
/// </summary>
internal abstract class Rule
{
    /// <summary>"R2".</summary>
    public abstract string Id { get; }

    /// <summary>What it looks for, in a line.</summary>
    public abstract string Title { get; }

    /// <summary>Why it can't be decided on this evidence; null where it can.</summary>
    public virtual string? WhatIsMissing(DoctorEvidence evidence) => null;

    /// <summary>What it finds, if anything.</summary>
    public abstract IEnumerable<Finding> Examine(DoctorEvidence evidence);
}
