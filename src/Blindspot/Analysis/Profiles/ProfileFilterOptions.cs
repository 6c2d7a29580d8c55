namespace Blindspot.Analysis.Profiles;

/// <summary>
/// What of a profile is looked at. The patterns are pprof's (google/pprof, internal/driver/driver_focus.go), matched anywhere in
/// the names of functions, source files and mapped files; null for none.
/// </summary>
public sealed record ProfileFilterOptions
{
    /// <summary>Only samples with a frame that matches.</summary>
    public string? Focus { get; init; }

    /// <summary>No samples with a frame that matches.</summary>
    public string? Ignore { get; init; }

    /// <summary>Frames that match are dropped; a sample without any left is, too.</summary>
    public string? Hide { get; init; }

    /// <summary>Frames that don't match are dropped; a sample without any left is, too.</summary>
    public string? Show { get; init; }

    /// <summary>What called the outermost frame that matches is dropped; a sample without such a frame is, too.</summary>
    public string? ShowFrom { get; init; }

    /// <summary>Only samples with such a label: patterns for "key:value", all of which must match; "key=pattern,pattern"; or "key=4kb:64kb".</summary>
    public string? TagFocus { get; init; }

    /// <summary>No samples with such a label.</summary>
    public string? TagIgnore { get; init; }

    public ProfileGranularity Granularity { get; init; }

    /// <summary>Inlined functions count to what they were inlined into.</summary>
    public bool NoInlines { get; init; }

    /// <summary>Globs of modules whose frames are dropped; no sample is, and what is left is joined.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>Globs of the only modules whose frames are left; empty for all.</summary>
    public IReadOnlyList<string> Include { get; init; } = [];

    /// <summary>"c" (everything native) or "go": frames of the other are dropped, samples not. Null for both.</summary>
    public string? Language { get; init; }

    /// <summary>Only the Go functions that call C and the C functions that they enter; samples that cross nowhere are dropped.</summary>
    public bool Boundary { get; init; }

    /// <summary>Drops the runtime's machinery between the languages, but not where a stack ends in it.</summary>
    public bool FoldPlumbing { get; init; }
}

/// <summary>What is told apart.</summary>
public enum ProfileGranularity
{
    /// <summary>Everything, as it was recorded.</summary>
    Addresses,
    Lines,
    Functions,
    Files,
}
