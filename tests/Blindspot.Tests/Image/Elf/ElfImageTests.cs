using System.Buffers.Binary;
using System.IO.Compression;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Tests.Image.Elf;

public class ElfImageTests
{
    private static readonly byte[] _text = [.. Enumerable.Range(0, 5000).Select(i => (byte)(i / 7))];

    [Fact]
    public void Tells_what_the_header_says()
    {
        using ElfImage image = Open(new ElfForge());
        Assert.Equal(ElfFileType.Shared, image.Header.Type);
        Assert.True(image.IsPositionIndependent);
        Assert.Equal(new ImageOffset(ElfForge.TextAddress), image.EntryPoint);
        Assert.Equal(".text", image.Sections[1].Name);
        Assert.Equal(new ImageOffset(0x1300), image.LoadEnd);
        Assert.Null(image.BuildId);
        Assert.Null(image.TlsSegment);
    }

    [Theory]
    [InlineData(new byte[0], "is not an ELF file")]
    [InlineData(new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }, "is cut")]
    public void Refuses_what_is_no_elf_file(byte[] bytes, string why) =>
        Assert.Contains(why, Assert.Throws<MalformedDataException>(() => Open(bytes)).Message);

    [Fact]
    public void Names_the_machine_it_does_not_understand()
    {
        string message = Assert.Throws<MalformedDataException>(() => Open(new ElfForge { Machine = 183 })).Message;
        Assert.Contains("64-bit AArch64 shared object", message);

        byte[] small = new ElfForge().Build();
        small[4] = 1;
        small[18] = 3;
        Assert.Contains("32-bit i386", Assert.Throws<MalformedDataException>(() => Open(small)).Message);
        Assert.Contains("not an executable", Assert.Throws<MalformedDataException>(() => Open(new ElfForge { Type = 4 })).Message);
    }

    [Fact]
    public void Reads_build_ids_with_and_without_sections()
    {
        byte[] notes = [.. ElfForge.Note("XYZ", 3, [9, 9]), .. ElfForge.Note("Go", 4, "a/b"u8.ToArray()), .. ElfForge.Note("GNU", 3, [0xab, 0xcd, 1])];
        foreach (bool withSections in new[] { true, false })
        {
            using ElfImage image = Open(new ElfForge { WithSectionTable = withSections }.AddSection(".note", 7, 2, 0x2000, notes));
            Assert.Equal(withSections, image.HasSectionTable);
            Assert.Equal(new BuildId("abcd01"), image.BuildId);
            Assert.Equal("a/b", image.GoBuildId);
        }
    }

    [Fact]
    public void Reads_the_links_to_debug_files()
    {
        byte[] link = [.. "libx.debug\0"u8, 0, 0x78, 0x56, 0x34, 0x12];
        using ElfImage image = Open(new ElfForge()
            .AddSection(".gnu_debuglink", 1, 0, 0, link)
            .AddSection(".gnu_debugaltlink", 1, 0, 0, [.. "/usr/lib/debug/.dwz/x\0"u8, 0xaa, 0xbb]));
        Assert.Equal(new ElfDebugLink("libx.debug", 0x12345678), image.DebugLink);
        Assert.Equal(new ElfAlternateLink("/usr/lib/debug/.dwz/x", new BuildId("aabb")), image.AlternateLink);
    }

    [Fact]
    public void Decompresses_sections_of_all_forms()
    {
        byte[] zlib = Zlib(_text);
        byte[] zstd = new ZstdSharp.Compressor(3).Wrap(_text).ToArray();
        byte[] old = [.. "ZLIB"u8, 0, 0, 0, 0, 0, 0, 0x13, 0x88, .. zlib];
        using ElfImage image = Open(new ElfForge()
            .AddSection(".debug_info", 1, 0x800, 0, [.. CompressionHeader(1, 5000), .. zlib])
            .AddSection(".debug_line", 1, 0x800, 0, [.. CompressionHeader(2, 5000), .. zstd])
            .AddSection(".zdebug_str", 1, 0, 0, old)
            .AddSection(".debug_abbrev", 1, 0, 0, _text));
        foreach (string name in new[] { ".debug_info", ".debug_line", ".debug_str", ".debug_abbrev" })
        {
            Assert.True(image.TryReadSection(name, out ReadOnlyMemory<byte> contents), name);
            Assert.True(contents.Span.SequenceEqual(_text), name);
        }

        Assert.False(image.TryReadSection(".debug_types", out _));
    }

    [Fact]
    public void Bounds_what_compressed_sections_claim()
    {
        byte[] zlib = Zlib(_text);
        using ElfImage image = Open(new ElfForge()
            .AddSection(".debug_huge", 1, 0x800, 0, [.. CompressionHeader(1, long.MaxValue), .. zlib])
            .AddSection(".debug_more", 1, 0x800, 0, [.. CompressionHeader(1, 5001), .. zlib])
            .AddSection(".debug_what", 1, 0x800, 0, [.. CompressionHeader(77, 5000), .. zlib])
            .AddSection(".debug_torn", 1, 0x800, 0, [.. CompressionHeader(2, 5000), 1, 2, 3])
            .AddSection(".bss", 8, 3, 0x3000, new byte[64]));
        foreach (string name in new[] { ".debug_huge", ".debug_more", ".debug_what", ".debug_torn", ".bss" })
        {
            Assert.True(image.TryGetSection(name, out ElfSection? section));
            Assert.Throws<MalformedDataException>(() => image.ReadSection(section));
        }

        Assert.False(image.TryReadSection(".bss", out _));
    }

    [Fact]
    public void Reads_addresses_only_as_far_as_the_file_holds_them()
    {
        using ElfImage image = Open(new ElfForge());
        byte[] buffer = new byte[32];
        Assert.Equal(32, image.Read(new ImageOffset(0x1000), buffer));
        Assert.Equal(16, image.Read(new ImageOffset(0x11f0), buffer));
        Assert.Equal(0, image.Read(new ImageOffset(0x1200), buffer));
        Assert.Equal(0, image.Read(new ImageOffset(0xfff), buffer));
        Assert.Equal(0, image.Read(new ImageOffset(ulong.MaxValue), buffer));
    }

    [Fact]
    public void Falls_back_to_program_headers_when_the_section_table_is_damaged()
    {
        byte[] bytes = new ElfForge().Build();
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(40), (ulong)bytes.Length - 10);
        using ElfImage image = Open(bytes);
        Assert.False(image.HasSectionTable);
        Assert.NotNull(image.SectionTableProblem);
        Assert.False(image.TryGetSection(".text", out _));
    }

    private static byte[] Zlib(byte[] bytes)
    {
        var memory = new MemoryStream();
        using (var stream = new ZLibStream(memory, CompressionLevel.Optimal))
        {
            stream.Write(bytes);
        }

        return memory.ToArray();
    }

    private static byte[] CompressionHeader(uint kind, long size)
    {
        byte[] header = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(header, kind);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(8), size);
        header[16] = 1;
        return header;
    }

    private static ElfImage Open(ElfForge forge) => Open(forge.Build());

    private static ElfImage Open(byte[] bytes) => ElfImage.Open(new BufferByteSource(bytes), "test", Limits.Default);
}
