using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Image.Debuginfod;

/// <summary>
/// Asks servers of debuginfod for files by build ID (debuginfod(8), "WEBAPI"), in turn, and keeps what they give. What
/// comes is used only if it is an ELF file of that build ID. Nothing here is an error: at most a gap. For one thread at a
/// time.
/// </summary>
public sealed class DebuginfodClient : IDebugFileServer
{
    /// <summary>More than any linker writes.</summary>
    private const int MaxBuildIdDigits = 128;

    private readonly DebuginfodSettings _settings;
    private readonly DebuginfodCache _cache;
    private readonly DebuginfodDownload _download;
    private readonly GapLog _gaps;
    private readonly Limits _limits;
    private readonly IProgress<string> _progress;
    private readonly CancellationToken _cancel;
    private readonly HashSet<Uri> _failed = [];
    private readonly HashSet<(BuildId BuildId, string Kind)> _missing = [];

    /// <param name="settings">Whom to ask.</param>
    /// <param name="gaps">Told of servers that fail, and of what is not used.</param>
    /// <param name="limits">Bounds of reading.</param>
    /// <param name="progress">Told what is being downloaded.</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    public DebuginfodClient(DebuginfodSettings settings, GapLog gaps, Limits limits, IProgress<string> progress, CancellationToken cancel)
    {
        _settings = settings;
        _cache = new DebuginfodCache(settings.CachePath);
        _download = new DebuginfodDownload(settings);
        _gaps = gaps;
        _limits = limits;
        _progress = progress;
        _cancel = cancel;
    }

    /// <inheritdoc/>
    public ByteSource? FindDebugInformation(BuildId buildId) => Find(buildId, "debuginfo");

    /// <inheritdoc/>
    public ByteSource? FindExecutable(BuildId buildId) => Find(buildId, "executable");

    private FileByteSource? Find(BuildId buildId, string kind)
    {
        if (buildId.Hex.Length is < 4 or > MaxBuildIdDigits || _missing.Contains((buildId, kind)))
        {
            return null;
        }

        if (_cache.Find(buildId, kind) is { } cached)
        {
            if (Objection(cached, buildId) is not { } objection)
            {
                return cached;
            }

            cached.Dispose();
            _gaps.Add("image", "debuginfod-cache", $"The {kind} of build ID {buildId} in the cache of debuginfod is not used: {objection}.");
        }

        foreach (Uri server in _settings.Servers)
        {
            if (!_failed.Contains(server) && TryDownload(server, buildId, kind) is { } file)
            {
                return file;
            }
        }

        _missing.Add((buildId, kind));
        return null;
    }

    private FileByteSource? TryDownload(Uri server, BuildId buildId, string kind)
    {
        FileStream? file = null;
        try
        {
            file = _cache.Create(buildId, kind);
            if (Download(server, buildId, kind, file))
            {
                file.Flush();
                FileByteSource source = FileByteSource.Open(file.Name);
                if (Objection(source, buildId) is not { } objection)
                {
                    _cache.Keep(file, buildId, kind);
                    return source;
                }

                source.Dispose();
                _gaps.Add("image", "debuginfod-mismatch", $"What {server.Host} gave as the {kind} of build ID {buildId} is not used: {objection}.");
            }

            _cache.Discard(file);
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            _gaps.Add("image", "debuginfod-cache", $"What debuginfod gives cannot be kept ({exception.Message}): free some space, or name another directory by DEBUGINFOD_CACHE_PATH.");
            Discard(file);
            return null;
        }
        catch
        {
            Discard(file);
            throw;
        }
        finally
        {
            file?.Dispose();
        }
    }

    private void Discard(FileStream? file)
    {
        if (file is not null)
        {
            _cache.Discard(file);
        }
    }

    private bool Download(Uri server, BuildId buildId, string kind, FileStream file)
    {
        string what = $"{kind} of build ID {buildId.Hex[..Math.Min(8, buildId.Hex.Length)]}… from {server.Host}";
        _progress.Report("asking for the " + what);
        var address = new Uri(server, $"buildid/{buildId.Hex}/{kind}");
        DownloadResult result = _download.Get(address, file, (sum, length) => _progress.Report($"downloading the {what}: {Megabytes(sum)}{(length is { } all ? " of " + Megabytes(all) : "")}"), _cancel);
        switch (result)
        {
            case DownloadResult.Failed:
                _failed.Add(server);
                _gaps.Add("image", "debuginfod-failed", $"{server.Host} was asked for debug information and failed ({_download.Problem}); it was not asked again, and some names and lines may be missing.");
                break;
            case DownloadResult.NotThere when _download.Problem is { } problem:
                _gaps.Add("image", "debuginfod-failed", $"{server.Host} was asked for debug information and gave none ({problem}); some names and lines may be missing.");
                break;
            case DownloadResult.TooLarge:
                _gaps.Add("image", "debuginfod-size", $"The {what} is larger than {Megabytes(_settings.MaxBytes)} and was not downloaded; DEBUGINFOD_MAXSIZE sets the limit.");
                break;
            case DownloadResult.OutOfTime:
                _gaps.Add("image", "debuginfod-time", $"Downloading debug information took {_settings.MaxTime.TotalSeconds:0} s in all and was ended there; some names and lines are missing. DEBUGINFOD_MAXTIME sets the limit.");
                break;
            case DownloadResult.Done:
            case DownloadResult.NotThere:
            default:
                break;
        }

        return result == DownloadResult.Done;
    }

    /// <summary>Why a file is not the one that was asked for; null if it is.</summary>
    private string? Objection(ByteSource source, BuildId wanted)
    {
        try
        {
            var image = ElfImage.Open(new BorrowedByteSource(source), "it", _limits);
            if (image.BuildId != wanted)
            {
                return $"its build ID is {image.BuildId?.Hex ?? "missing"}";
            }

            foreach (ElfSection section in image.Sections)
            {
                // An answer without a length can be cut without anybody noticing.
                if (section.HasContents && section.Size > (ulong)source.Length - Math.Min(section.FileOffset, (ulong)source.Length))
                {
                    return $"it is cut: {source.Length} bytes without all of {section.Name}";
                }
            }

            return image.HasSectionTable ? null : "it is cut, or has no sections";
        }
        catch (MalformedDataException exception)
        {
            return exception.Message;
        }
    }

    private static string Megabytes(long bytes) => $"{bytes / 1e6:0.0} MB";

    /// <summary>Closing this does not close the file.</summary>
    private sealed class BorrowedByteSource(ByteSource source) : ByteSource
    {
        public override long Length => source.Length;

        public override int Read(long offset, Span<byte> destination) => source.Read(offset, destination);
    }
}
