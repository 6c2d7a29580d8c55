namespace Blindspot.Analysis.Signals;

/// <summary>What has become of a signal that a runtime needs.</summary>
public enum SignalVerdict
{
    /// <summary>As the runtime made it, or nothing that any runtime needs.</summary>
    Intact,

    /// <summary>Somebody else's handler, which calls the runtime's, on the alternate stack.</summary>
    Chained,

    /// <summary>The runtime's handler is reached, but not on the alternate stack.</summary>
    ChainedWithoutOnStack,

    /// <summary>Somebody else's handler, which does not call the runtime's.</summary>
    Replaced,

    /// <summary>The kernel throws it away.</summary>
    Ignored,

    /// <summary>The kernel's default action.</summary>
    Default,

    /// <summary>Threads that must get it do not let it through.</summary>
    Blocked,

    /// <summary>Threads that must get it have too small an alternate stack.</summary>
    AltStackTooSmall,

    /// <summary>Threads that must get it have no alternate stack.</summary>
    AltStackDisabled,

    /// <summary>It could not be told.</summary>
    Unknown,
}
