using System.Globalization;
using System.Text;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Elf;

/// <summary>.gnu_debugdata, made by the recipe of gdb's manual ("MiniDebugInfo").</summary>
public sealed class MiniDebugInfoTests
{
    private const string Source = """
        static int __attribute__((noinline)) hidden(int x) { return x * 3; }
        static int __attribute__((noinline)) deeper(int x) { return hidden(x) + 1; }
        int __attribute__((visibility("hidden"))) inside(int x) { return deeper(x) + hidden(x + 2); }
        int shown(int x) { return inside(x) + 5; }
        """;

    private static readonly Lazy<(string Whole, string Stripped)> _library = new(Make);

    [Fact]
    public void Functions_of_a_stripped_library_are_named()
    {
        using ElfImage whole = Open(_library.Value.Whole);
        using ElfImage stripped = Open(_library.Value.Stripped);
        Assert.False(stripped.TryGetSection(".symtab", out _));
        Assert.Null(stripped.Symbols.Problem);
        foreach (string name in (string[])["hidden", "deeper", "inside", "shown"])
        {
            Assert.True(whole.Symbols.TryFindByName(name, out ElfSymbol expected), name);
            Assert.True(stripped.Symbols.TryFindFunction(new ImageOffset(expected.Address.Value + 1), out ElfSymbol found), name);
            Assert.Equal((name, expected.Address, expected.Size), (found.Name, found.Address, found.Size));
        }
    }

    [Fact]
    public void Without_the_section_the_names_are_lost()
    {
        string bare = Path.Combine(CompiledFixture.TemporaryDirectory(), "mini.bare");
        ExternalTool.Run("objcopy", "--remove-section", ".gnu_debugdata", _library.Value.Stripped, bare);
        using ElfImage whole = Open(_library.Value.Whole);
        using ElfImage image = Open(bare);
        Assert.True(whole.Symbols.TryFindByName("hidden", out ElfSymbol expected));
        Assert.False(image.Symbols.TryFindFunction(expected.Address, out _));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("crc32")]
    [InlineData("crc64")]
    [InlineData("sha256")]
    public void Every_kind_of_xz_file_is_read(string check)
    {
        byte[] plain = Plain();
        Assert.Equal(plain, XzDecoder.Decompress(Compress(plain, "--check=" + check), "test", Limits.Default));
        Assert.Equal(plain, XzDecoder.Decompress(Compress(plain, "--check=" + check, "--block-size=40000", "-9"), "test", Limits.Default));
        Assert.Equal([], XzDecoder.Decompress(Compress([], "--check=" + check), "test", Limits.Default));
    }

    [Fact]
    public void Data_that_grow_without_bound_are_refused()
    {
        byte[] bomb = Compress(new byte[64 << 20]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        MalformedDataException refused = Assert.Throws<MalformedDataException>(() => XzDecoder.Decompress(bomb, "test", Limits.Default));
        Assert.Contains("more than the limit", refused.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Fact]
    public void Chunks_that_would_cost_more_than_they_hold_are_refused()
    {
        // Tables of 12 MiB by one byte of properties (lc = 8, lp = 4), and tables made anew every dozen bytes.
        byte[] chunk = [0xe0, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0];
        byte[] large = [.. chunk[..5], 8 + (4 * 9), .. chunk[6..], 0];
        byte[] many = [.. Enumerable.Repeat(chunk, 1000).SelectMany(static bytes => bytes), 0];
        Assert.Contains("properties", Assert.Throws<MalformedDataException>(() => Lzma2Chunks.Check(large, 1, "test")).Message);
        Assert.Contains("reset", Assert.Throws<MalformedDataException>(() => Lzma2Chunks.Check(many, 1000, "test")).Message);
        Lzma2Chunks.Check([.. chunk, 0], 1, "test");
    }

    [Fact]
    public void Filters_that_are_not_understood_are_named() =>
        Assert.Contains("0x4", Assert.Throws<MalformedDataException>(
            () => XzDecoder.Decompress(Compress(Plain(), "--x86", "--lzma2"), "test", Limits.Default)).Message);

    [Fact]
    public void Damage_is_told_and_never_taken_for_data()
    {
        byte[] plain = Plain();
        byte[] file = Compress(plain, "--block-size=40000");
        int refused = 0;
        for (int seed = 0; seed < 3000; seed++)
        {
            byte[] mutant = MutationSeeds.Mutate(file, seed, (0, 64), (file.Length - 64, 64));
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                Assert.Equal(plain, XzDecoder.Decompress(mutant, "test", Limits.Default));
            }
            catch (MalformedDataException)
            {
                refused++;
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < 8 << 20, $"seed {seed} made it allocate {allocated} bytes");
        }

        Assert.InRange(refused, 2000, 3000);
    }

    [Fact]
    public void Damage_that_no_check_sum_covers_ends_in_an_error_too()
    {
        // Without a check of the contents, the decoder itself sees whatever was damaged.
        byte[] plain = Plain();
        byte[] file = Compress(plain, "--check=none");
        for (int seed = 0; seed < 3000; seed++)
        {
            byte[] mutant = (byte[])file.Clone();
            var random = new Random(seed);
            for (int i = 0; i < 3; i++)
            {
                mutant[random.Next(24, file.Length - 40)] = (byte)random.Next(256);
            }

            try
            {
                Assert.Equal(plain.Length, XzDecoder.Decompress(mutant, "test", Limits.Default).Length);
            }
            catch (MalformedDataException)
            {
                // The one way to say no.
            }
        }
    }

    [Fact]
    public void Damaged_mini_debug_information_leaves_the_other_symbols()
    {
        byte[] bytes = File.ReadAllBytes(_library.Value.Stripped);
        using (ElfImage image = Open(_library.Value.Stripped))
        {
            Assert.True(image.TryGetSection(".gnu_debugdata", out ElfSection? section));
            bytes[(int)section.FileOffset + 40] ^= 0xff;
        }

        using ElfImage damaged = ElfImage.Open(new BufferByteSource(bytes), "damaged", Limits.Default);
        Assert.Contains(".gnu_debugdata", damaged.Symbols.Problem);
        Assert.True(damaged.Symbols.TryFindByName("shown", out _));
    }

    [Fact]
    public void That_of_another_build_is_refused()
    {
        byte[] mini = Build(2).AddSymbol("foreign", 0x1000, 8, 2).Build();
        byte[] own = Build(1).AddSymbol("own", 0x1000, 8, 2).Build();
        using ElfImage foreign = ElfImage.Open(new BufferByteSource(Build(1).AddSection(".gnu_debugdata", 1, 0, 0, Compress(mini)).Build()), "x", Limits.Default);
        using ElfImage right = ElfImage.Open(new BufferByteSource(Build(1).AddSection(".gnu_debugdata", 1, 0, 0, Compress(own)).Build()), "x", Limits.Default);
        Assert.Contains("build ID", foreign.Symbols.Problem);
        Assert.False(foreign.Symbols.TryFindByName("foreign", out _));
        Assert.True(right.Symbols.TryFindByName("own", out _));

        static ElfForge Build(byte id) => new ElfForge().AddSection(".note.gnu.build-id", 7, 2, 0x2000, ElfForge.Note("GNU", 3, [id, 1]));
    }

    private static ElfImage Open(string path) => ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);

    /// <summary>Something like a table of symbols: neither random nor all alike.</summary>
    private static byte[] Plain()
    {
        var text = new StringBuilder();
        var random = new Random(7);
        while (text.Length < 150_000)
        {
            text.Append("symbol_").Append(random.Next(20_000).ToString("x", CultureInfo.InvariantCulture)).Append('\0', random.Next(4));
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Compress(byte[] plain, params string[] options)
    {
        string path = Path.Combine(CompiledFixture.TemporaryDirectory(), Guid.NewGuid().ToString("n"));
        File.WriteAllBytes(path, plain);
        ExternalTool.Run("xz", ["--format=xz", .. options, path]);
        return File.ReadAllBytes(path + ".xz");
    }

    private static (string Whole, string Stripped) Make()
    {
        string whole = CompiledFixture.C("mini.so", Source, "-shared", "-fPIC", "-O1", "-Wl,--build-id");
        string File(string name) => Path.Combine(CompiledFixture.TemporaryDirectory(), name);
        string[] dynamic = Names("-D");
        System.IO.File.WriteAllLines(File("mini.keep"), Names().Except(dynamic));
        ExternalTool.Run("objcopy", "--only-keep-debug", whole, File("mini.debug"));
        ExternalTool.Run("objcopy", "-S", "--remove-section", ".comment", "--keep-symbols=" + File("mini.keep"), File("mini.debug"), File("mini.info"));
        ExternalTool.Run("xz", "--force", File("mini.info"));
        ExternalTool.Run("objcopy", "-S", "--add-section", ".gnu_debugdata=" + File("mini.info.xz"), whole, File("mini.stripped"));
        return (whole, File("mini.stripped"));

        string[] Names(params string[] options) =>
        [
            .. ExternalTool.Run("nm", [.. options, "--format=posix", "--defined-only", whole])
                .Split('\n').Select(line => line.Split(' ')).Where(words => words.Length > 1 && words[1] is "T" or "t" or "D").Select(words => words[0]),
        ];
    }
}
