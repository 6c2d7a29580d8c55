using System.Text;

namespace Blindspot.Primitives.Elf;

/// <summary>What tells one build of a program or library from another, as its PT_NOTE segments say.</summary>
/// <param name="BuildId">NT_GNU_BUILD_ID; null when there is none.</param>
/// <param name="GoBuildId">The Go linker's own; null when there is none.</param>
public readonly record struct ElfBuildIdentity(BuildId? BuildId, string? GoBuildId)
{
    private const int MaxLength = 1024;
    private const int MaxNotes = 1000;

    public bool IsEmpty => BuildId is null && GoBuildId is null;

    /// <summary>The same build: by the build ID where both have one, else by the Go linker's.</summary>
    public bool IsSameBuild(ElfBuildIdentity other) => BuildId is null || other.BuildId is null ? GoBuildId == other.GoBuildId : BuildId == other.BuildId;

    /// <exception cref="MalformedDataException">No ELF file for x86-64.</exception>
    public static ElfBuildIdentity Read(ByteSource source, Limits limits, string what)
    {
        var header = ElfHeader.Read(source, what);
        if (!header.IsSupported)
        {
            throw new MalformedDataException(what, 4, $"is a {header.Description}; only 64-bit x86-64 is understood");
        }

        var identity = default(ElfBuildIdentity);
        foreach (ElfSegment segment in ElfSegment.ReadAll(source, header, limits.MaxSections, allowCut: false, what))
        {
            if (segment.Type == ElfSegmentType.Note)
            {
                identity = identity.With(source, segment.FileOffset, segment.FileSize, segment.Alignment, what);
            }
        }

        return identity;
    }

    /// <summary>Adds what the notes of one place say; notes that are damaged say nothing.</summary>
    public ElfBuildIdentity With(ByteSource source, ulong offset, ulong length, ulong alignment, string what)
    {
        ElfBuildIdentity identity = this;
        try
        {
            var notes = new ElfNotes(source, offset, length, alignment, what);
            for (int i = 0; i < MaxNotes && notes.MoveNext(); i++)
            {
                if (identity.BuildId is null && notes.Type == ElfNotes.GnuBuildId && notes.IsOwner("GNU"u8) && notes.ContentsLength > 0)
                {
                    identity = identity with { BuildId = Primitives.BuildId.FromBytes(notes.ReadContents(MaxLength)) };
                }
                else if (identity.GoBuildId is null && notes.Type == ElfNotes.GoBuildId && notes.IsOwner("Go"u8))
                {
                    identity = identity with { GoBuildId = Encoding.UTF8.GetString(notes.ReadContents(MaxLength)).TrimEnd('\0') };
                }
            }
        }
        catch (MalformedDataException)
        {
            return identity;
        }

        return identity;
    }
}
