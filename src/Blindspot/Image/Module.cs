using Blindspot.Primitives;

namespace Blindspot.Image;

/// <summary>A file mapped as code into a process: its image (shared by build ID) and where it lies.</summary>
public sealed class Module(string path, ulong loadBias, TargetAddress start, TargetAddress end)
{
    /// <summary>Path inside the target's mount namespace, or "[vdso]".</summary>
    public string Path { get; } = path;

    /// <summary>What to add to an <see cref="ImageOffset"/> to get an address in the process.</summary>
    public ulong LoadBias { get; } = loadBias;

    public TargetAddress Start { get; } = start;

    public TargetAddress End { get; } = end;

    public ImageOffset ToImage(TargetAddress address) => new(unchecked(address.Value - LoadBias));

    public TargetAddress ToTarget(ImageOffset offset) => new(unchecked(offset.Value + LoadBias));
}
