using Blindspot.Image.Elf;

namespace Blindspot.Image;

/// <summary>The paths at which files of debug information may lie, the most certain first. Paths alone: nothing is opened here.</summary>
/// <param name="directories">Directories laid out like /usr/lib/debug.</param>
internal sealed class DebugFilePaths(IReadOnlyList<string> directories)
{
    /// <summary>Directories that merged systems have below /usr alone, and show under both names.</summary>
    private static readonly string[] _merged = ["/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/"];

    /// <summary>Of one image's debug file; those by its .gnu_debuglink are marked, since the link's CRC can prove them.</summary>
    /// <param name="image">The file that is mapped.</param>
    /// <param name="path">Its path inside the target's mount namespace.</param>
    public IEnumerable<(string Path, bool IsByLink)> Of(ElfImage image, string path)
    {
        if (image.BuildId is { Hex.Length: > 2 } buildId)
        {
            foreach (string directory in directories)
            {
                yield return (ByBuildId(directory, buildId.Hex), false);
            }
        }

        if (!path.StartsWith('/'))
        {
            yield break;
        }

        if (image.DebugLink is { } link && IsFileName(link.FileName))
        {
            string parent = ParentOf(path);
            yield return ($"{parent}/{link.FileName}", true);
            yield return ($"{parent}/.debug/{link.FileName}", true);
            foreach (string directory in directories)
            {
                foreach (string name in NamesOf(path))
                {
                    yield return ($"{directory}{ParentOf(name)}/{link.FileName}", true);
                }
            }
        }

        foreach (string directory in directories)
        {
            foreach (string name in NamesOf(path))
            {
                yield return ($"{directory}{name}.debug", false);
            }
        }
    }

    /// <summary>Of the file that several debug files share (made by dwz).</summary>
    /// <param name="link">The link to it.</param>
    /// <param name="path">Path of the file that has the link.</param>
    public IEnumerable<string> OfSupplementary(ElfAlternateLink link, string path)
    {
        foreach (string directory in directories)
        {
            if (link.BuildId.Hex.Length > 2)
            {
                yield return ByBuildId(directory, link.BuildId.Hex);
            }

            // Distributions put them all into one folder; the link's path leads there by way of ../.
            string name = link.Path[(link.Path.LastIndexOf('/') + 1)..];
            if (IsFileName(name))
            {
                yield return $"{directory}/.dwz/x86_64-linux-gnu/{name}";
                yield return $"{directory}/.dwz/{name}";
            }
        }

        if (link.Path.StartsWith('/'))
        {
            yield return link.Path;
        }
        else if (link.Path.Length > 0 && path.StartsWith('/') && !link.Path.Contains('\0'))
        {
            yield return Path.GetFullPath(link.Path, ParentOf(path) + "/");
        }
    }

    private static string ByBuildId(string directory, string hex) => $"{directory}/.build-id/{hex[..2]}/{hex[2..]}.debug";

    private static string ParentOf(string path) => path[..path.LastIndexOf('/')];

    /// <summary>A file's path, and its other one where /lib and the like are links into /usr: debug packages know one of them.</summary>
    private static IEnumerable<string> NamesOf(string path)
    {
        yield return path;
        string inner = path.StartsWith("/usr/", StringComparison.Ordinal) ? path["/usr".Length..] : path;
        if (Array.Exists(_merged, directory => inner.StartsWith(directory, StringComparison.Ordinal)))
        {
            yield return inner.Length == path.Length ? "/usr" + path : inner;
        }
    }

    /// <summary>A link is a plain name; one with a path in it is forged, and could lead anywhere.</summary>
    private static bool IsFileName(string name) => name.Length is > 0 and <= 255 && !name.Contains('/') && name is not ("." or "..");
}
