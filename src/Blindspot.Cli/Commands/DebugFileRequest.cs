using Blindspot.Image.Debuginfod;

namespace Blindspot.Cli.Commands;

/// <summary>Where debug information is looked for.</summary>
/// <param name="Directories">Laid out like /usr/lib/debug, and searched before it.</param>
/// <param name="Debuginfod">The servers that are asked for the rest; null for none.</param>
internal sealed record DebugFileRequest(IReadOnlyList<string> Directories, DebuginfodSettings? Debuginfod)
{
    public static DebugFileRequest Default { get; } = new([], null);
}
