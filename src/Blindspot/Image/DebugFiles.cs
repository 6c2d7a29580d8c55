using System.Buffers;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Image;

/// <summary>
/// Finds the separate files of debug information where distributions put them (gdb manual, "Separate Debug Files"):
/// by build ID, then by .gnu_debuglink, then by path; in the target's own root first, then on this machine. A file
/// counts only when its build ID (or, without one, the CRC that the link names) proves that it belongs.
/// </summary>
public sealed class DebugFiles
{
    private readonly Snapshot _snapshot;
    private readonly ImageCache _cache;
    private readonly IReadOnlyList<string> _directories;
    private readonly GapLog _gaps;
    private readonly Limits _limits;

    /// <param name="snapshot">The process, whose own root is searched first.</param>
    /// <param name="cache">Owns what is found.</param>
    /// <param name="directories">Directories like /usr/lib/debug.</param>
    /// <param name="gaps">Told of files that are there and do not belong.</param>
    /// <param name="limits">Bounds of reading.</param>
    public DebugFiles(Snapshot snapshot, ImageCache cache, IReadOnlyList<string> directories, GapLog gaps, Limits limits)
    {
        _snapshot = snapshot;
        _cache = cache;
        _directories = directories;
        _gaps = gaps;
        _limits = limits;
    }

    /// <summary>The debug file of an image; null when it needs none (it has DWARF itself) or none is found.</summary>
    /// <param name="image">The file that is mapped.</param>
    /// <param name="path">Its path inside the target's mount namespace.</param>
    public ElfImage? Find(ElfImage image, string path)
    {
        if (image.TryGetSection(".debug_info", out ElfSection? section) && section.HasContents)
        {
            return null;
        }

        foreach ((string candidate, bool isByLink) in Candidates(image, path))
        {
            if (candidate == path)
            {
                continue;
            }

            // Both may be there and only one of them belong: another release of the library in the container.
            ElfImage? found = Verify(_snapshot.OpenFile(candidate), image, candidate, isByLink)
                ?? Verify(RegularFile.TryOpen(candidate), image, candidate, isByLink);
            if (found is not null)
            {
                return _cache.Add(found);
            }
        }

        return null;
    }

    /// <summary>The file that an image's .gnu_debugaltlink names, by build ID or by the path it tells; null when it is not found.</summary>
    public ElfImage? FindSupplementary(ElfImage image)
    {
        if (image.AlternateLink is not { } link)
        {
            return null;
        }

        foreach (string candidate in SupplementaryCandidates(link))
        {
            ElfImage? found = VerifyBuildId(_snapshot.OpenFile(candidate), link.BuildId, candidate)
                ?? VerifyBuildId(RegularFile.TryOpen(candidate), link.BuildId, candidate);
            if (found is not null)
            {
                return _cache.Add(found);
            }
        }

        return null;
    }

    private IEnumerable<string> SupplementaryCandidates(ElfAlternateLink link)
    {
        foreach (string directory in _directories)
        {
            if (link.BuildId.Hex.Length > 2)
            {
                yield return $"{directory}/.build-id/{link.BuildId.Hex[..2]}/{link.BuildId.Hex[2..]}.debug";
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
    }

    private ElfImage? VerifyBuildId(ByteSource? source, BuildId wanted, string path)
    {
        if (source is null)
        {
            return null;
        }

        try
        {
            ElfImage candidate = ElfImage.Open(source, path, _limits);
            if (candidate.BuildId == wanted)
            {
                return candidate;
            }

            candidate.Dispose();
        }
        catch (MalformedDataException exception)
        {
            _gaps.Add("image", "debug-file-malformed", $"The debug file {path} cannot be used ({exception.Message}).");
        }

        return null;
    }

    private IEnumerable<(string Path, bool IsByLink)> Candidates(ElfImage image, string path)
    {
        if (image.BuildId is { Hex.Length: > 2 } buildId)
        {
            foreach (string directory in _directories)
            {
                yield return ($"{directory}/.build-id/{buildId.Hex[..2]}/{buildId.Hex[2..]}.debug", false);
            }
        }

        if (!path.StartsWith('/'))
        {
            yield break;
        }

        string parent = path[..path.LastIndexOf('/')];
        if (image.DebugLink is { } link && IsFileName(link.FileName))
        {
            yield return ($"{parent}/{link.FileName}", true);
            yield return ($"{parent}/.debug/{link.FileName}", true);
            foreach (string directory in _directories)
            {
                yield return ($"{directory}{parent}/{link.FileName}", true);
            }
        }

        foreach (string directory in _directories)
        {
            yield return ($"{directory}{path}.debug", false);
        }
    }

    private ElfImage? Verify(ByteSource? source, ElfImage image, string path, bool isByLink)
    {
        if (source is null)
        {
            return null;
        }

        ElfImage candidate;
        try
        {
            candidate = ElfImage.Open(source, path, _limits);
        }
        catch (MalformedDataException exception)
        {
            _gaps.Add("image", "debug-file-malformed", $"The debug file {path} cannot be used ({exception.Message}).");
            return null;
        }

        if (image.BuildId is { } wanted && candidate.BuildId is { } there)
        {
            if (wanted == there)
            {
                return candidate;
            }

            _gaps.Add("image", "debug-file-mismatch", $"The debug file {path} has build ID {there}, but {image.Name} has {wanted}: it is not used.");
        }
        else if (isByLink && image.DebugLink is { } link)
        {
            if (Crc(candidate.Source) == link.Crc)
            {
                return candidate;
            }

            _gaps.Add("image", "debug-file-mismatch", $"The debug file {path} is not the one that {image.Name} names (its CRC differs): it is not used.");
        }

        candidate.Dispose();
        return null;
    }

    /// <summary>A link is a plain name; one with a path in it is forged, and could lead anywhere.</summary>
    private static bool IsFileName(string name) => name.Length is > 0 and <= 255 && !name.Contains('/') && name is not ("." or "..");

    private static uint Crc(ByteSource source)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(256 * 1024);
        try
        {
            uint crc = Crc32.Initial;
            for (long offset = 0; ;)
            {
                int count = source.Read(offset, buffer);
                if (count == 0)
                {
                    return Crc32.Finish(crc);
                }

                crc = Crc32.Append(crc, buffer.AsSpan(0, count));
                offset += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
