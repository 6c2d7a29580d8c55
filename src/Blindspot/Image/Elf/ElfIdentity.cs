using System.Text;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Image.Elf;

/// <summary>What a file says of who it is and where its debug information lies. Damaged notes count as none.</summary>
internal sealed class ElfIdentity
{
    /// <summary>Longer build IDs do not exist (SHA-1 has 20 bytes).</summary>
    private const int MaxBuildIdLength = 64;
    private const int MaxGoBuildIdLength = 1024;
    private const int MaxLinkLength = 64 * 1024;

    public BuildId? BuildId { get; private set; }

    public string? GoBuildId { get; private set; }

    public ElfDebugLink? DebugLink { get; private set; }

    public ElfAlternateLink? AlternateLink { get; private set; }

    public static ElfIdentity Read(ElfImage image)
    {
        var identity = new ElfIdentity();

        // Sections first: the program headers of a debug file describe the original file, and its bytes lie elsewhere.
        foreach (ElfSection section in image.Sections)
        {
            if (section.Type == ElfSectionType.Note)
            {
                identity.ReadNotes(image, section.FileOffset, section.Size, section.Alignment);
            }
        }

        if (identity.BuildId is null)
        {
            foreach (ElfSegment segment in image.Segments)
            {
                if (segment.Type == ElfSegmentType.Note)
                {
                    identity.ReadNotes(image, segment.FileOffset, segment.FileSize, segment.Alignment);
                }
            }
        }

        identity.ReadLinks(image);
        return identity;
    }

    private void ReadNotes(ElfImage image, ulong offset, ulong length, ulong alignment)
    {
        try
        {
            var notes = new ElfNotes(image.Source, offset, length, alignment, image.Name);
            for (int i = 0; i < image.Limits.MaxSections && notes.MoveNext(); i++)
            {
                if (BuildId is null && notes.Type == ElfNotes.GnuBuildId && notes.IsOwner("GNU"u8) && notes.ContentsLength > 0)
                {
                    BuildId = Primitives.BuildId.FromBytes(notes.ReadContents(MaxBuildIdLength));
                }
                else if (GoBuildId is null && notes.Type == ElfNotes.GoBuildId && notes.IsOwner("Go"u8))
                {
                    GoBuildId = Encoding.UTF8.GetString(notes.ReadContents(MaxGoBuildIdLength)).TrimEnd('\0');
                }
            }
        }
        catch (MalformedDataException)
        {
            // Without its notes a file has no build ID, which is all that anyone asks them for.
        }
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
