using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>
/// .gnu_debugdata: an ELF file compressed by xz that holds the symbols of functions which a stripped file has lost and
/// .dynsym does not have (gdb manual, "MiniDebugInfo"). Fedora and its kin have it in every program and library.
/// </summary>
internal static class ElfMiniDebugInfo
{
    private const string SectionName = ".gnu_debugdata";

    /// <summary>Null when the file has none.</summary>
    /// <exception cref="MalformedDataException">It is there, and damaged, grows too large, or belongs to another file.</exception>
    public static ElfImage? Open(ElfImage image)
    {
        if (!image.TryGetSection(SectionName, out ElfSection? section) || !section.HasContents)
        {
            return null;
        }

        byte[] plain = XzDecoder.Decompress(image.ReadSection(section), SectionName, image.Limits);
        var mini = ElfImage.Open(new BufferByteSource(plain), image.Name + ":" + SectionName, image.Limits);
        return image.BuildId is { } wanted && mini.BuildId is { } there && wanted != there
            ? throw new MalformedDataException(SectionName, 0, $"belongs to a file with build ID {there}, not {wanted}")
            : mini;
    }
}
