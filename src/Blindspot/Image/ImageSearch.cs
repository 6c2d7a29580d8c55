namespace Blindspot.Image;

/// <summary>Where to look for files that the target itself does not lead to.</summary>
public sealed record ImageSearch
{
    public static ImageSearch Default { get; } = new();

    /// <summary>Directories laid out like /usr/lib/debug.</summary>
    public IReadOnlyList<string> DebugDirectories { get; init; } = ["/usr/lib/debug"];
}
