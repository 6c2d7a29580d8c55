namespace Blindspot.Analysis.Signals;

/// <summary>Whether a handler passes signals on to the runtime's.</summary>
public enum ChainOutcome
{
    /// <summary>Its code could not be followed to an end.</summary>
    Unknown,

    /// <summary>On no way through its code.</summary>
    Never,

    /// <summary>On some ways, which depend on what is known only when the signal comes.</summary>
    Sometimes,

    /// <summary>On every way.</summary>
    Always,
}
