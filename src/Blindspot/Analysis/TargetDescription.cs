using Blindspot.Model;
using Blindspot.Target;

namespace Blindspot.Analysis;

/// <summary>What a report is about, and how that was looked at.</summary>
/// <param name="Pid">Null where a core does not tell.</param>
/// <param name="RuntimeKind">"go", or null.</param>
public sealed record TargetDescription(
    int? Pid,
    string? Executable,
    string? Core,
    string? RuntimeKind,
    string? RuntimeVersion,
    CaptureReport Capture)
{
    /// <summary>Where it comes from if it was read from a saved snapshot; else null.</summary>
    public SnapshotOrigin? Origin { get; init; }

    public static TargetDescription Of(Snapshot snapshot, IManagedRuntime? runtime, CaptureReport capture) =>
        new(snapshot.Pid, snapshot.ExecutablePath, snapshot.CorePath, runtime?.Kind, runtime?.Version, capture) { Origin = snapshot.Origin };
}
