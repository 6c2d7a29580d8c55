namespace Blindspot.Target.Core;

/// <summary>Where to find the files that were mapped into the process that a core was taken of.</summary>
public sealed record CoreOptions
{
    public static CoreOptions Default { get; } = new();

    /// <summary>The main executable on this machine, where it is not at the path the core tells.</summary>
    public string? ExecutablePath { get; init; }

    /// <summary>Directories that hold the target's files under their own paths (an unpacked container image), tried before this machine's root.</summary>
    public IReadOnlyList<string> Roots { get; init; } = [];
}
