using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Stands for the process that a profile was taken of, of which nothing is left but the names of its files: they are looked
/// for below the roots, then on this machine, then by build ID.
/// </summary>
internal sealed class ProfileFiles(IReadOnlyList<string> roots, ImageSearch search, GapLog gaps, Limits limits) : Snapshot
{
    public override int? Pid => null;

    public override string? ExecutablePath => null;

    public override string? CorePath => null;

    public override IReadOnlyList<MemoryMapping> Mappings => [];

    public override IReadOnlyList<ThreadSnapshot> Threads => [];

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector { get; } = new Dictionary<ulong, ulong>();

    public override CaptureReport Capture { get; } = new("profile", 0, TimeSpan.Zero, TimeSpan.Zero);

    public override bool IsMoving => false;

    public override GapLog Gaps => gaps;

    protected internal override TargetMemory SourceMemory { get; } = new NoMemory();

    /// <summary>A file that belongs to the process, unverified.</summary>
    public override ByteSource? OpenFile(string path)
    {
        foreach (string root in roots)
        {
            if (path.StartsWith('/') && RegularFile.TryOpen(root.TrimEnd('/') + path) is { } file)
            {
                return file;
            }
        }

        return RegularFile.TryOpen(path);
    }

    /// <summary>
    /// The file that was mapped; null where it cannot be had. One of another build ID is never given: its names would be
    /// wrong without looking so.
    /// </summary>
    public ElfImage? OpenImage(ProfileMapping mapping)
    {
        string? other = null;
        foreach (ByteSource? source in Candidates(mapping))
        {
            if (source is null || Open(source, mapping.File) is not { } image)
            {
                continue;
            }

            if (mapping.BuildId.Length == 0)
            {
                gaps.Add("symbols", "file-unproved", $"{mapping.File} has no build ID in the profile: nothing proves that the file here is the one that ran.");
                return image;
            }

            if (Matches(image, mapping.BuildId))
            {
                return image;
            }

            other ??= image.BuildId?.Hex ?? "none";
            image.Dispose();
        }

        gaps.Add("symbols", other is null ? "file-missing" : "file-mismatch", other is null
            ? $"{mapping.File} is not here: what ran in it has no names. --root names a directory with the files of the machine that was profiled, DEBUGINFOD_URLS a server that has them."
            : $"{mapping.File} is another file here (build ID {other}, where {mapping.BuildId} ran): what ran in it has no names.");
        return null;
    }

    protected override ByteSource? OpenSourceFile(MemoryMapping mapping) => OpenFile(mapping.Path);

    private static bool Matches(ElfImage image, string buildId) =>
        string.Equals(image.BuildId?.Hex, buildId, StringComparison.OrdinalIgnoreCase) || image.GoBuildId == buildId;

    private IEnumerable<ByteSource?> Candidates(ProfileMapping mapping)
    {
        if (mapping.File.StartsWith('/'))
        {
            foreach (string root in roots)
            {
                yield return RegularFile.TryOpen(root.TrimEnd('/') + mapping.File);
            }

            yield return RegularFile.TryOpen(mapping.File);
        }

        if (!IsBuildId(mapping.BuildId))
        {
            yield break;
        }

        string hex = mapping.BuildId.ToLowerInvariant();
        foreach (string directory in search.DebugDirectories)
        {
            // Some distributions link a package's files there, besides its debug files.
            yield return RegularFile.TryOpen($"{directory}/.build-id/{hex[..2]}/{hex[2..]}");
        }

        yield return search.Server?.FindExecutable(new BuildId(hex));
    }

    /// <summary>A build ID becomes part of a path: nothing but hexadecimal may be in it.</summary>
    private static bool IsBuildId(string text) => text.Length is > 2 and <= 128 && text.All(char.IsAsciiHexDigit);

    private ElfImage? Open(ByteSource source, string path)
    {
        try
        {
            return ElfImage.Open(source, path, limits);
        }
        catch (MalformedDataException malformed)
        {
            gaps.Add("symbols", "file-malformed", $"{path} cannot be used ({malformed.Message}).");
            return null;
        }
    }

    private sealed class NoMemory : TargetMemory
    {
        public override int Read(TargetAddress address, Span<byte> destination) => 0;
    }
}
