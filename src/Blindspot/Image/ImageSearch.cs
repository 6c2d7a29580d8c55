namespace Blindspot.Image;

/// <summary>Where to look for files that the target itself does not lead to.</summary>
public sealed record ImageSearch
{
    public static ImageSearch Default { get; } = new();

    /// <summary>Where distributions put files of debug information.</summary>
    public const string UsualDebugDirectory = "/usr/lib/debug";

    /// <summary>Directories laid out like /usr/lib/debug.</summary>
    public IReadOnlyList<string> DebugDirectories { get; init; } = [UsualDebugDirectory];

    /// <summary>Asked for what is nowhere else; null for nobody.</summary>
    public IDebugFileServer? Server { get; init; }
}
