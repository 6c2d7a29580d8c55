using System.Buffers;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Image;

/// <summary>
/// Finds the separate files of debug information where distributions put them (gdb manual, "Separate Debug Files"):
/// by build ID, then by .gnu_debuglink, then by path; in the target's own root first, then on this machine; and from a
/// server, when one is named and its slowness does not matter. A file counts only when its build ID (or, without one, the
/// CRC that the link names) proves that it belongs.
/// </summary>
public sealed class DebugFiles
{
    private readonly Snapshot _snapshot;
    private readonly ImageCache _cache;
    private readonly DebugFilePaths _paths;
    private readonly IDebugFileServer? _server;
    private readonly GapLog _gaps;
    private readonly Limits _limits;

    /// <param name="snapshot">The process, whose own root is searched first.</param>
    /// <param name="cache">Owns what is found.</param>
    /// <param name="search">Where else to look, and whom to ask.</param>
    /// <param name="gaps">Told of files that are there and do not belong.</param>
    /// <param name="limits">Bounds of reading.</param>
    public DebugFiles(Snapshot snapshot, ImageCache cache, ImageSearch search, GapLog gaps, Limits limits)
    {
        _snapshot = snapshot;
        _cache = cache;
        _paths = new DebugFilePaths(search.DebugDirectories);
        _server = search.Server;
        _gaps = gaps;
        _limits = limits;
    }

    /// <summary>The debug file of an image; null when it needs none (it has DWARF itself) or none is found.</summary>
    /// <param name="image">The file that is mapped.</param>
    /// <param name="path">Its path inside the target's mount namespace.</param>
    public ElfImage? Find(ElfImage image, string path)
    {
        if (HasDebugInformation(image))
        {
            return null;
        }

        foreach ((string candidate, bool isByLink) in _paths.Of(image, path))
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

    /// <summary>The debug file of an image from the server; null without one, where it has none, or where the image needs none.</summary>
    public ElfImage? Fetch(ElfImage image) =>
        _server is { } server && image.BuildId is { } buildId && !HasDebugInformation(image)
            ? Keep(VerifyBuildId(server.FindDebugInformation(buildId), buildId, $"{image.Name} (debuginfo)"))
            : null;

    /// <summary>
    /// The whole of a file from the server, of which a core holds only what was dumped; null where it is whole already, or
    /// cannot be had. Never for a process that runs: it should not change while one waits.
    /// </summary>
    public ElfImage? FetchExecutable(ElfImage image) =>
        _server is { } server && _snapshot.CorePath is not null && !image.IsWhole && image.BuildId is { } buildId
            ? Keep(VerifyBuildId(server.FindExecutable(buildId), buildId, image.Name))
            : null;

    /// <summary>The file that an image's .gnu_debugaltlink names, by build ID or by the path it tells; null when it is not found.</summary>
    public ElfImage? FindSupplementary(ElfImage image)
    {
        if (image.AlternateLink is not { } link)
        {
            return null;
        }

        foreach (string candidate in _paths.OfSupplementary(link, image.Name))
        {
            ElfImage? found = VerifyBuildId(_snapshot.OpenFile(candidate), link.BuildId, candidate)
                ?? VerifyBuildId(RegularFile.TryOpen(candidate), link.BuildId, candidate);
            if (found is not null)
            {
                return _cache.Add(found);
            }
        }

        return Keep(VerifyBuildId(_server?.FindDebugInformation(link.BuildId), link.BuildId, $"{image.Name} (shared debuginfo)"));
    }

    private static bool HasDebugInformation(ElfImage image) => image.TryGetSection(".debug_info", out ElfSection? section) && section.HasContents;

    private ElfImage? Keep(ElfImage? image) => image is null ? null : _cache.Add(image);

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
