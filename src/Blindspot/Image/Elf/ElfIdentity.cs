using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Image.Elf;

/// <summary>What a file says of who it is and where its debug information lies. Damaged notes count as none.</summary>
internal sealed class ElfIdentity
{
    private const int MaxBuildIdLength = 64;
    private const int MaxLinkLength = 64 * 1024;

    public BuildId? BuildId { get; private set; }

    public string? GoBuildId { get; private set; }

    public ElfDebugLink? DebugLink { get; private set; }

    public ElfAlternateLink? AlternateLink { get; private set; }

    public static ElfIdentity Read(ElfImage image)
    {
        var identity = new ElfIdentity();

        // Sections first: the program headers of a debug file describe the original file, and its bytes lie elsewhere.
        var build = default(ElfBuildIdentity);
        foreach (ElfSection section in image.Sections)
        {
            if (section.Type == ElfSectionType.Note)
            {
                build = build.With(image.Source, section.FileOffset, section.Size, section.Alignment, image.Name);
            }
        }

        if (build.BuildId is null)
        {
            foreach (ElfSegment segment in image.Segments)
            {
                if (segment.Type == ElfSegmentType.Note)
                {
                    build = build.With(image.Source, segment.FileOffset, segment.FileSize, segment.Alignment, image.Name);
                }
            }
        }

        identity.BuildId = build.BuildId;
        identity.GoBuildId = build.GoBuildId;
        identity.ReadLinks(image);
        return identity;
    }

    private void ReadLinks(ElfImage image)
    {
        try
        {
            if (TryReadLink(image, ".gnu_debuglink", out ReadOnlyMemory<byte> link))
            {
                // The name, its zero, padding to 4 bytes, the CRC (gdb manual, "Separate Debug Files").
                var reader = new ByteReader(link.Span, ".gnu_debuglink");
                string name = reader.ReadCString();
                reader.Position = (reader.Position + 3) & ~3L;
                DebugLink = new ElfDebugLink(name, reader.ReadUInt32());
            }

            if (TryReadLink(image, ".gnu_debugaltlink", out ReadOnlyMemory<byte> alternate))
            {
                var reader = new ByteReader(alternate.Span, ".gnu_debugaltlink");
                string path = reader.ReadCString();
                AlternateLink = new ElfAlternateLink(path, Primitives.BuildId.FromBytes(reader.ReadBytes(Math.Min(reader.Remaining, MaxBuildIdLength))));
            }
        }
        catch (MalformedDataException)
        {
            // A link that cannot be read leads nowhere; that the debug file is missing is told by those who look for it.
        }
    }

    private static bool TryReadLink(ElfImage image, string name, out ReadOnlyMemory<byte> contents)
    {
        if (image.TryGetSection(name, out ElfSection? section) && section.HasContents && section.Size <= MaxLinkLength)
        {
            contents = image.ReadSection(section);
            return true;
        }

        contents = default;
        return false;
    }
}
