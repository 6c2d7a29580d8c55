using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>The sections that tell how to unwind one image. A section that the image lacks is empty.</summary>
public sealed record CallFrameSections
{
    public ReadOnlyMemory<byte> EhFrame { get; init; }

    /// <summary>Where <see cref="EhFrame"/> begins (sh_addr): its pointers are relative to their own addresses.</summary>
    public ImageOffset EhFrameAddress { get; init; }

    /// <summary>
    /// Nothing but the terminator tells where <see cref="EhFrame"/> ends, as when it was found by the program headers
    /// alone; whatever follows the terminator is then other data.
    /// </summary>
    public bool EhFrameEndsAtTerminator { get; init; }

    /// <summary>Gets the parts of <see cref="EhFrame"/> that are used; null when nobody asks.</summary>
    public UseMap? EhFrameUse { get; init; }

    public ReadOnlyMemory<byte> EhFrameHeader { get; init; }

    public ImageOffset EhFrameHeaderAddress { get; init; }

    /// <summary>From the image itself or from its separate debug file: its addresses are the same in both.</summary>
    public ReadOnlyMemory<byte> DebugFrame { get; init; }

    /// <summary>Address of .text, the base of DW_EH_PE_textrel; null where not known.</summary>
    public ImageOffset? TextAddress { get; init; }

    /// <summary>Address of the global offset table, the base of DW_EH_PE_datarel; null where not known.</summary>
    public ImageOffset? DataAddress { get; init; }

    /// <summary>A section is there and could not be read (cut short, compressed and damaged): why. Null when all is well.</summary>
    public string? Problem { get; init; }

    /// <summary>Never throws: a section that is damaged counts as missing, and <see cref="Problem"/> tells.</summary>
    /// <param name="image">The image that is mapped.</param>
    /// <param name="debugImage">Its separate debug file, asked for .debug_frame when the image has none.</param>
    /// <param name="trackUse">Makes the map of what is used of a section (offset in the file, length); null for none.</param>
    public static CallFrameSections Read(ElfImage image, ElfImage? debugImage, Func<long, long, UseMap?>? trackUse = null)
    {
        string? problem = null;
        ReadOnlyMemory<byte> ehFrame = ReadSection(image, ".eh_frame", ref problem, out ElfSection? ehFrameSection);
        ReadOnlyMemory<byte> header = ReadSection(image, ".eh_frame_hdr", ref problem, out ElfSection? headerSection);
        ReadOnlyMemory<byte> debugFrame = ReadSection(image, ".debug_frame", ref problem, out _);
        if (debugFrame.IsEmpty && debugImage is not null)
        {
            debugFrame = ReadSection(debugImage, ".debug_frame", ref problem, out _);
        }

        return new CallFrameSections
        {
            EhFrame = ehFrame,
            EhFrameAddress = ehFrameSection?.Address ?? default,
            EhFrameUse = ehFrameSection is { IsCompressed: false } tracked ? trackUse?.Invoke((long)tracked.FileOffset, ehFrame.Length) : null,
            EhFrameEndsAtTerminator = ehFrameSection?.IsInferred ?? false,
            EhFrameHeader = header,
            EhFrameHeaderAddress = headerSection?.Address ?? default,
            DebugFrame = debugFrame,
            TextAddress = FindAddress(image, ".text"),
            DataAddress = FindAddress(image, ".got.plt") ?? FindAddress(image, ".got"),
            Problem = problem,
        };
    }

    private static ReadOnlyMemory<byte> ReadSection(ElfImage image, string name, ref string? problem, out ElfSection? section)
    {
        try
        {
            return image.TryGetSection(name, out section) && section.HasContents ? image.ReadSection(section) : default;
        }
        catch (MalformedDataException malformed)
        {
            section = null;
            problem ??= malformed.Message;
            return default;
        }
    }

    private static ImageOffset? FindAddress(ElfImage image, string name) =>
        image.TryGetSection(name, out ElfSection? section) ? section.Address : null;
}
