using Blindspot.Image;
using Blindspot.Image.Debuginfod;
using Blindspot.Primitives;

namespace Blindspot.Cli.Commands;

/// <summary>Where debug information is looked for.</summary>
/// <param name="Directories">Laid out like /usr/lib/debug, and searched before it.</param>
/// <param name="Debuginfod">The servers that are asked for the rest; null for none.</param>
internal sealed record DebugFileRequest(IReadOnlyList<string> Directories, DebuginfodSettings? Debuginfod)
{
    public static DebugFileRequest Default { get; } = new([], null);

    /// <param name="gaps">Told what servers do not give.</param>
    public ImageSearch ToSearch(GapLog gaps, IProgress<string> progress, CancellationToken cancel) => new()
    {
        DebugDirectories = [.. Directories, ImageSearch.UsualDebugDirectory],
        Server = Debuginfod is { } settings ? new DebuginfodClient(settings, gaps, Limits.Default, progress, cancel) : null,
    };
}
