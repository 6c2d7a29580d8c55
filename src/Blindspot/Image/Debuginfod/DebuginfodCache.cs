using Blindspot.Primitives;

namespace Blindspot.Image.Debuginfod;

/// <summary>
/// The directory where all clients of debuginfod keep what they downloaded: BUILDID/debuginfo and BUILDID/executable. A
/// file of no bytes there says that some client found no server that has it; we ask all the same.
/// </summary>
internal sealed class DebuginfodCache(string? directory)
{
    private const UnixFileMode ForOwner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What is there already, unverified; null without it.</summary>
    public FileByteSource? Find(BuildId buildId, string kind) => directory is null ? null : RegularFile.TryOpen(PathOf(buildId, kind));

    /// <summary>
    /// A file to download into. Where the cache cannot be written (a read-only root, no home) it lies in the directory for
    /// temporary files, and is gone when it is closed.
    /// </summary>
    /// <exception cref="IOException">Neither can be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Likewise.</exception>
    public FileStream Create(BuildId buildId, string kind)
    {
        if (directory is not null)
        {
            try
            {
                string path = PathOf(buildId, kind);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!, ForOwner);
                return Open(path + "." + Path.GetRandomFileName(), FileOptions.None);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // What is downloaded is used once then.
            }
        }

        return Open(Path.Combine(Path.GetTempPath(), "blindspot-" + Path.GetRandomFileName()), FileOptions.DeleteOnClose);
    }

    /// <summary>Puts a verified download where other runs and other clients find it: whole, or not at all.</summary>
    public void Keep(FileStream file, BuildId buildId, string kind)
    {
        if (!IsKept(file))
        {
            return;
        }

        try
        {
            file.Flush();
            File.SetUnixFileMode(file.SafeFileHandle, UnixFileMode.UserRead);
            File.Move(file.Name, PathOf(buildId, kind), overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Discard(file);
        }
    }

    public void Discard(FileStream file)
    {
        if (!IsKept(file))
        {
            return;
        }

        try
        {
            File.Delete(file.Name);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Other clients clean this directory of what nobody used for days.
        }
    }

    private bool IsKept(FileStream file) => directory is not null && file.Name.StartsWith(Path.GetFullPath(directory) + "/", StringComparison.Ordinal);

    /// <summary>A build ID is hexadecimal, and so never leads out of the directory.</summary>
    private string PathOf(BuildId buildId, string kind) => Path.Combine(directory!, buildId.Hex, kind);

    private static FileStream Open(string path, FileOptions options) => new(path, new FileStreamOptions
    {
        Mode = FileMode.CreateNew,
        Access = FileAccess.ReadWrite,
        Share = FileShare.Read | FileShare.Delete,
        Options = options,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });
}
