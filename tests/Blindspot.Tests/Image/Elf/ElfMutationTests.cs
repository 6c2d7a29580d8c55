using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Elf;

/// <summary>Whatever a file holds: values, or MalformedDataException; and no more memory than the limits allow.</summary>
public class ElfMutationTests
{
    private const int Seeds = 4000;
    private const long AllowedBytes = 64L << 20;

    [Fact]
    public void Forged_files_survive_damage()
    {
        byte[] file = Forge();
        for (int seed = 0; seed < Seeds; seed++)
        {
            Check(MutationSeeds.Mutate(file, seed, (0, 64), (64, 112), (file.Length - (64 * 12), 64 * 12)), seed);
        }
    }

    [Fact]
    public void A_real_library_survives_damage()
    {
        const string Path = "/lib/x86_64-linux-gnu/libdl.so.2";
        Assert.SkipUnless(File.Exists(Path), $"{Path} is not there");
        byte[] file = File.ReadAllBytes(Path);
        (int, int)[] places;
        using (ElfImage whole = ElfImage.Open(new BufferByteSource(file), Path, Limits.Default))
        {
            places =
            [
                (0, 64 + (whole.Segments.Count * 56)),
                ((int)whole.Header.SectionHeaderOffset, whole.Sections.Count * 64),
                .. whole.Sections.Where(section => section.HasContents).Select(section => ((int)section.FileOffset, (int)section.Size)),
            ];
        }

        byte[] withoutSections = (byte[])file.Clone();
        withoutSections.AsSpan(40, 8).Clear();
        for (int seed = 0; seed < Seeds; seed++)
        {
            Check(MutationSeeds.Mutate(seed % 2 == 0 ? file : withoutSections, seed, places), seed);
        }
    }

    private static void Check(byte[] bytes, int seed)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            using ElfImage image = ElfImage.Open(new BufferByteSource(bytes), "mutant", Limits.Default);
            Use(image);
        }
        catch (MalformedDataException)
        {
            // The one way to say no.
        }

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < AllowedBytes, $"seed {seed} made it allocate {allocated} bytes");
    }

    private static void Use(ElfImage image)
    {
        _ = (image.BuildId, image.GoBuildId, image.DebugLink, image.AlternateLink, image.TlsSegment, image.LoadEnd);
        ElfSymbolTable symbols = image.Symbols;
        for (ulong address = 0; address < 0x8000; address += 0x11)
        {
            if (symbols.TryFindFunction(new ImageOffset(address), out ElfSymbol symbol))
            {
                Assert.True(symbol.Address.Value <= address);
                Assert.True(symbol.Size == 0 || address - symbol.Address.Value < symbol.Size);
                _ = symbol.Name;
            }

            symbols.TryFindObject(new ImageOffset(address), out _);
            image.TryFindSection(new ImageOffset(address), out _);
        }

        symbols.TryFindByName("f3", out _);
        Span<byte> buffer = stackalloc byte[64];
        foreach (Primitives.Elf.ElfSegment load in image.LoadSegments)
        {
            image.Read(new ImageOffset(load.Address + load.FileSize - 8), buffer);
        }

        foreach (ElfSection section in image.Sections.Take(100))
        {
            try
            {
                image.ReadSection(section);
            }
            catch (MalformedDataException)
            {
                // One section's damage is its own.
            }
        }
    }

    private static byte[] Forge()
    {
        byte[] zlib = [0x78, 0x9c, 0x4b, 0x4c, 0x4a, 0x06, 0x00, 0x02, 0x4d, 0x01, 0x27];
        var forge = new ElfForge();
        forge.AddSection(".note.gnu.build-id", 7, 2, 0x2000, ElfForge.Note("GNU", 3, [1, 2, 3, 4]));
        forge.AddSection(".debug_info", 1, 0x800, 0, [1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, .. zlib]);
        forge.AddSection(".debug_zstd", 1, 0x800, 0, [2, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, .. new ZstdSharp.Compressor(3).Wrap("abc"u8.ToArray())]);
        forge.AddSection(".zdebug_line", 1, 0, 0, [.. "ZLIB"u8, 0, 0, 0, 0, 0, 0, 0, 3, .. zlib]);
        forge.AddSection(".gnu_debuglink", 1, 0, 0, [.. "x.debug\0"u8, 1, 2, 3, 4]);
        forge.AddSection(".data", 1, 3, 0x4000, new byte[64]);
        for (int i = 0; i < 20; i++)
        {
            forge.AddSymbol("f" + i, ElfForge.TextAddress + (ulong)(i * 0x10), (ulong)(i % 3 * 8), i % 5 == 0 ? 0 : 2, i % 3);
        }

        return forge.AddSymbol("variable", 0x4000, 8, 1, 1, 7).Build();
    }
}
