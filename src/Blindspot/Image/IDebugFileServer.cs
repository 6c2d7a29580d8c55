using Blindspot.Primitives;

namespace Blindspot.Image;

/// <summary>Gives files by build ID that are not on this machine. Slow; what it gives is verified.</summary>
public interface IDebugFileServer
{
    /// <summary>The debug information of the file with this build ID; null where it cannot be had.</summary>
    ByteSource? FindDebugInformation(BuildId buildId);

    /// <summary>The executable or library with this build ID; null where it cannot be had.</summary>
    ByteSource? FindExecutable(BuildId buildId);
}
