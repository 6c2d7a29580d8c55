namespace Blindspot.Target;

/// <summary>Where a saved snapshot comes from.</summary>
/// <param name="Path">The file that it was read from.</param>
/// <param name="TakenAt">When.</param>
/// <param name="Host">Name of the machine; null where it was left out.</param>
/// <param name="Kernel">Release of its kernel ("6.1.0-44-amd64"); null for one that was made of a core.</param>
/// <param name="ToolVersion">The version of Blindspot that wrote it.</param>
/// <param name="Core">The core file that it was made of; null for one of a live process.</param>
/// <param name="HasHeaps">It holds all memory that was resident, and not just stacks and the runtime's structures.</param>
/// <param name="IsRedacted">Contents of memory were left out, but for addresses and structure.</param>
public sealed record SnapshotOrigin(
    string Path,
    DateTimeOffset TakenAt,
    string? Host,
    string? Kernel,
    string ToolVersion,
    string? Core,
    bool HasHeaps,
    bool IsRedacted);
