namespace Blindspot.Primitives;

/// <summary>Opens files by names that a target or a core chose.</summary>
public static class RegularFile
{
    /// <summary>
    /// The file's bytes; null when it is not there, may not be read, is empty, or is no plain file, or its file system
    /// does not answer. Pipes and devices
    /// are told by their size of zero before they are opened, since opening a pipe would wait for its writer.
    /// </summary>
    public static FileByteSource? TryOpen(string path) => PatientOpening.TryOpen(path, () => OpenNow(path), out _);

    private static FileByteSource? OpenNow(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.ResolveLinkTarget(returnFinalTarget: true) is FileInfo target)
            {
                file = target;
            }

            return file.Exists && file.Length > 0 ? FileByteSource.Open(path) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
