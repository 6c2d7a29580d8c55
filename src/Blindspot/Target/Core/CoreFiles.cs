using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Core;

/// <summary>
/// The files on this machine that were mapped into the process. A name proves nothing, since programs are rebuilt and
/// libraries updated after a crash: the build ID in the core's memory must be the file's. Thread-safe.
/// </summary>
internal sealed class CoreFiles
{
    private const int HeadersLength = 4096;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, string?> _accepted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _headers = new(StringComparer.Ordinal);
    private readonly TargetMemory _dumped;
    private readonly FileSearch _options;
    private readonly string? _executable;
    private readonly GapLog _gaps;
    private readonly Limits _limits;

    /// <param name="dumped">What the core itself holds.</param>
    /// <param name="files">NT_FILE, by address.</param>
    /// <param name="executable">Path of the main executable among them.</param>
    /// <param name="options">Where else to look.</param>
    /// <param name="gaps">Told of files that are missing or do not belong.</param>
    /// <param name="limits">Bounds of reading.</param>
    public CoreFiles(TargetMemory dumped, List<CoreFileMapping> files, string? executable, FileSearch options, GapLog gaps, Limits limits)
    {
        _dumped = dumped;
        _executable = executable;
        _options = options;
        _gaps = gaps;
        _limits = limits;
        foreach (CoreFileMapping file in files)
        {
            if (file.FileOffset == 0)
            {
                _headers.TryAdd(file.Path, file.Start);
            }
        }
    }

    /// <summary>The verified file; null when there is none, which a gap tells once.</summary>
    public FileByteSource? Open(string path)
    {
        string? accepted;
        lock (_gate)
        {
            if (!_accepted.TryGetValue(path, out accepted))
            {
                accepted = Choose(path);
                _accepted.Add(path, accepted);
            }
        }

        return accepted is null ? null : RegularFile.TryOpen(accepted);
    }

    private string? Choose(string path)
    {
        if (!path.StartsWith('/'))
        {
            return null;
        }

        foreach (string candidate in _options.CandidatesFor(path, _executable))
        {
            using FileByteSource? file = RegularFile.TryOpen(candidate);
            if (file is not null && Belongs(file, candidate, path))
            {
                return candidate;
            }
        }

        return null;
    }

    private bool Belongs(FileByteSource file, string candidate, string path)
    {
        ElfBuildIdentity there;
        try
        {
            there = ElfBuildIdentity.Read(file, _limits, candidate);
        }
        catch (MalformedDataException)
        {
            // A data file. What it held then cannot be known, so its contents stand for nothing.
            return false;
        }

        if (!_headers.TryGetValue(path, out ulong headers))
        {
            return Unverified(candidate, "its first page was not mapped");
        }

        ElfBuildIdentity wanted;
        try
        {
            using var mapped = MappedImageSource.Open(_dumped, new TargetAddress(headers), _limits, path);
            wanted = ElfBuildIdentity.Read(mapped, _limits, path);
        }
        catch (MalformedDataException)
        {
            return Unverified(candidate, "the core does not hold its first page");
        }

        if (wanted.IsEmpty)
        {
            return there.IsEmpty && HasSameHeaders(file, headers) ? Unverified(candidate, "it has no build ID") : Refuse(candidate, path, there, wanted);
        }

        return wanted.IsSameBuild(there) || Refuse(candidate, path, there, wanted);
    }

    private bool HasSameHeaders(FileByteSource file, ulong address)
    {
        byte[] mapped = new byte[HeadersLength];
        byte[] stored = new byte[HeadersLength];
        int count = _dumped.Read(new TargetAddress(address), mapped);
        return count >= ElfHeader.Size && file.Read(0, stored) >= count && mapped.AsSpan(0, count).SequenceEqual(stored.AsSpan(0, count));
    }

    private bool Unverified(string candidate, string why)
    {
        _gaps.Add("target", "file-unverified", $"{candidate} is taken for the file that was mapped, which could not be verified: {why}.");
        return true;
    }

    private bool Refuse(string candidate, string path, ElfBuildIdentity there, ElfBuildIdentity wanted)
    {
        _gaps.Add(
            "target",
            "file-mismatch",
            $"{candidate} is not the file that was mapped as {path}: its build ID is {Show(there)}, that of the core {Show(wanted)}. It is not used; name the right one, or a directory that holds the target's files.");
        return false;
    }

    private static string Show(ElfBuildIdentity identity) => identity.BuildId?.Hex ?? identity.GoBuildId ?? "none";
}
