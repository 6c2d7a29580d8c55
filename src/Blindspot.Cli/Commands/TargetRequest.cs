using Blindspot.Target;

namespace Blindspot.Cli.Commands;

/// <summary>What to look at, and how to reach it.</summary>
/// <param name="Name">A PID, a process name, a core file or a saved snapshot.</param>
/// <param name="ExecutablePath">Where the executable is, if it can't be found.</param>
/// <param name="Roots">Directories that hold the target's files, where that is not this machine's root.</param>
/// <param name="How">"watch", "proc" or "stop"; null for the least disturbing that works.</param>
internal sealed record TargetRequest(string Name, string? ExecutablePath, string[] Roots, string? How)
{
    /// <summary>Where debug information is looked for.</summary>
    public DebugFileRequest DebugFiles { get; init; } = DebugFileRequest.Default;

    public CaptureTier Tier => How switch
    {
        "proc" => CaptureTier.Proc,
        "stop" => CaptureTier.Stop,
        _ => CaptureTier.Watch,
    };
}
