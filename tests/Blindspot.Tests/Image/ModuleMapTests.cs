using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Tests.Image.Elf;

namespace Blindspot.Tests.Image;

public sealed class ModuleMapTests : IDisposable
{
    // Its code lies at address 0x1000, in page 0 of the file.
    private static readonly byte[] _library = Forge(1).Build();

    private readonly ImageCache _cache = new();

    [Fact]
    public void Computes_the_bias_from_the_mapped_code()
    {
        var snapshot = new FakeSnapshot().Map("/lib/libx.so.1", 0x7f00_0000_1000, 0x1000, 0, "r-xp");
        snapshot.Files["/lib/libx.so.1"] = _library;
        Module module = Assert.Single(Build(snapshot).Modules);
        Assert.Equal("libx.so.1", module.Name);
        Assert.Equal(0x7f00_0000_0000UL, module.LoadBias);
        Assert.Equal(new TargetAddress(0x7f00_0000_1000), module.Start);
        Assert.Equal(new TargetAddress(0x7f00_0000_2000), module.End);
        Assert.Equal(new ImageOffset(0x1008), module.ToImage(new TargetAddress(0x7f00_0000_1008)));
        Assert.True(module.Symbols!.TryFindFunction(new ImageOffset(0x1008), out ElfSymbol symbol));
        Assert.Equal("f1", symbol.Name);
        Assert.Empty(snapshot.Gaps.ToList());
    }

    [Fact]
    public void Finds_modules_by_code_address_only_where_code_is_mapped()
    {
        var snapshot = new FakeSnapshot()
            .Map("/lib/b", 0x9000_1000, 0x1000, 0, "r-xp")
            .Map("/lib/aa", 0x1000_1000, 0x1000, 0, "r-xp")
            .Map("", 0x1000_2000, 0x1000, 0, "rw-p")
            .Map("", 0x5000_0000, 0x1000, 0, "rwxp");
        snapshot.Files["/lib/aa"] = Forge(1).Build();
        snapshot.Files["/lib/b"] = Forge(2).Build();
        ModuleMap map = Build(snapshot);
        Assert.Equal("aa", map.Find(new TargetAddress(0x1000_1000))?.Name);
        Assert.Equal("aa", map.Find(new TargetAddress(0x1000_1fff))?.Name);
        Assert.Null(map.Find(new TargetAddress(0x1000_2000)));
        Assert.Null(map.Find(new TargetAddress(0x1000_0fff)));
        Assert.Null(map.Find(new TargetAddress(0x5000_0000)));
        Assert.Equal("b", map.Find(new TargetAddress(0x9000_1800))?.Name);
        Assert.Null(map.Find(new TargetAddress(ulong.MaxValue)));
        Assert.Null(ModuleMap.Empty.Find(new TargetAddress(0)));
        Assert.Equal("aa", map.FindAny(new TargetAddress(0x1000_1100))?.Name);
    }

    [Fact]
    public void One_file_at_two_biases_is_two_modules_with_one_image()
    {
        var snapshot = new FakeSnapshot().Map("/lib/x", 0x1000_1000, 0x1000, 0, "r-xp").Map("/lib/x", 0x2000_1000, 0x1000, 0, "r-xp");
        snapshot.Files["/lib/x"] = _library;
        ModuleMap map = Build(snapshot);
        Assert.Equal([0x1000_0000UL, 0x2000_0000UL], map.Modules.Select(module => module.LoadBias));
        Assert.Same(map.Modules[0].Image, map.Modules[1].Image);
        Assert.Equal(1, snapshot.Opened);
        Build(snapshot);
        Assert.Equal(1, snapshot.Opened);
    }

    [Fact]
    public void Files_of_one_build_share_an_image()
    {
        var snapshot = new FakeSnapshot().Map("/a/x", 0x1000_1000, 0x1000, 0, "r-xp").Map("/bbb/x", 0x2000_1000, 0x1000, 0, "r-xp").Map("/cc/x", 0x3000_1000, 0x1000, 0, "r-xp");
        snapshot.Files["/a/x"] = _library;
        snapshot.Files["/bbb/x"] = _library;
        snapshot.Files["/cc/x"] = Forge(2).Build();
        ModuleMap map = Build(snapshot);
        Assert.Same(map.Modules[0].Image, map.Modules[1].Image);
        Assert.NotSame(map.Modules[0].Image, map.Modules[2].Image);
        Assert.Equal(2, _cache.Count);
    }

    [Fact]
    public void Data_files_are_no_modules()
    {
        var snapshot = new FakeSnapshot()
            .Map("/usr/lib/locale/locale-archive", 0x1000_0000, 0x1000, 0, "r--p", new byte[64])
            .Map("/tmp/elf-as-data", 0x2000_0000, 0x1000, 0, "r--p", _library)
            .Map("/memfd:jit", 0x3000_0000, 0x1000, 0, "r-xp");
        snapshot.Files["/usr/lib/locale/locale-archive"] = new byte[64];
        snapshot.Files["/tmp/elf-as-data"] = _library;
        snapshot.Files["/memfd:jit"] = new byte[64];
        Assert.Empty(Build(snapshot).Modules);
        Assert.Empty(snapshot.Gaps.ToList());
    }

    [Fact]
    public void Code_moved_to_nameless_memory_still_belongs_to_its_file()
    {
        ElfForge forge = Forge(1);
        forge.WithHeaderSegment = true;
        byte[] file = forge.Build();
        var snapshot = new FakeSnapshot()
            .Map("/bin/huge", 0x1000_0000, 0x1000, 0, "r--p", file)
            .Map("", 0x1000_1000, 0x1000, 0, "r-xp");
        snapshot.Files["/bin/huge"] = file;
        Module module = Assert.Single(Build(snapshot).Modules);
        Assert.Equal(0x1000_0000UL, module.LoadBias);
        Assert.Equal([(new TargetAddress(0x1000_1000), new TargetAddress(0x1000_2000))], module.ExecutableRanges);
    }

    [Fact]
    public void A_missing_file_is_read_from_memory_as_far_as_that_goes()
    {
        ElfForge forge = Forge(1);
        forge.WithHeaderSegment = true;
        byte[] bytes = forge.Build();
        var snapshot = new FakeSnapshot()
            .Map("/gone", 0x1000_0000, 0x1000, 0, "r--p", bytes)
            .Map("/gone", 0x1000_1000, 0x1000, 0, "r-xp", new byte[4096]);
        Module module = Assert.Single(Build(snapshot).Modules);
        Assert.NotNull(module.Image);
        Assert.Equal(0x1000_0000UL, module.LoadBias);
        Assert.Equal(new BuildId("01"), module.Image.BuildId);
        Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "file-missing");
    }

    [Fact]
    public void A_missing_file_without_headers_in_memory_is_a_module_without_image()
    {
        var snapshot = new FakeSnapshot().Map("/gone", 0x1000_1000, 0x1000, 0x1000, "r-xp");
        Module module = Assert.Single(Build(snapshot).Modules);
        Assert.Null(module.Image);
        Assert.Null(module.Symbols);
        Assert.Null(module.DebugImage);
        Assert.Equal(0x1000_0000UL, module.LoadBias);
    }

    [Fact]
    public void A_file_that_cannot_be_what_is_mapped_is_not_used()
    {
        byte[] fixedAddress = new ElfForge { Type = 2 }.Build();
        var snapshot = new FakeSnapshot().Map("/bin/x", 0x5000_0000, 0x1000, 0, "r-xp");
        snapshot.Files["/bin/x"] = fixedAddress;
        Assert.Null(Assert.Single(Build(snapshot).Modules).Image);
        Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "file-mismatch");
    }

    [Fact]
    public void Finds_the_main_program_and_the_vdso()
    {
        var snapshot = new FakeSnapshot()
            .Map("/lib/x", 0x9000_1000, 0x1000, 0, "r-xp")
            .Map("/bin/main", 0x1000_1000, 0x1000, 0, "r-xp")
            .Map("[vdso]", 0xa000_1000, 0x1000, 0, "r-xp", Forge(3).Build());
        snapshot.Files["/lib/x"] = _library;
        snapshot.Files["/bin/main"] = Forge(2).Build();
        snapshot.Auxiliary[9] = 0x1000_1010;
        ModuleMap map = Build(snapshot);
        Assert.Equal("/bin/main", map.MainModule?.Path);
        Module vdso = map.Find(new TargetAddress(0xa000_1000))!;
        Assert.Equal("[vdso]", vdso.Name);
        Assert.Equal(new BuildId("03"), vdso.Image?.BuildId);
    }

    [Fact]
    public void Finds_the_debug_file_in_the_targets_root_and_refuses_foreign_ones()
    {
        byte[] debug = Forge(0xabcd).AddSection(".debug_info", 1, 0, 0, new byte[16]).AddSymbol("hidden", 0x1100, 8, 2).Build();
        var snapshot = new FakeSnapshot().Map("/lib/x", 0x1000_1000, 0x1000, 0, "r-xp").Map("/lib/yy", 0x2000_1000, 0x1000, 0, "r-xp");
        snapshot.Files["/lib/x"] = Forge(0xabcd).Build();
        snapshot.Files["/lib/yy"] = Forge(7).Build();
        snapshot.Files["/usr/lib/debug/.build-id/cd/ab.debug"] = debug;
        snapshot.Files["/usr/lib/debug/lib/yy.debug"] = debug;
        ModuleMap map = Build(snapshot);
        Assert.NotNull(map.Modules[0].DebugImage);
        Assert.True(map.Modules[0].Symbols!.TryFindFunction(new ImageOffset(0x1104), out ElfSymbol symbol));
        Assert.Equal("hidden", symbol.Name);
        Assert.True(map.Modules[0].Symbols!.TryFindByName("f43981", out _));
        Assert.Null(map.Modules[1].DebugImage);
        Assert.Contains(snapshot.Gaps.ToList(), gap => gap.Kind == "debug-file-mismatch");
    }

    [Theory]
    [InlineData("/lib/x", "/usr/lib/debug/usr/lib/x.debug")]
    [InlineData("/usr/lib/x", "/usr/lib/debug/lib/x.debug")]
    [InlineData("/usr/lib/x", "/usr/lib/debug/usr/lib/x.debug")]
    [InlineData("/opt/x", "/usr/lib/debug/opt/x.debug")]
    [InlineData("/opt/x", "/more/debug/opt/x.debug")]
    [InlineData("/opt/x", "/more/debug/.build-id/cd/ab.debug")]
    public void Debug_files_are_found_by_both_names_of_merged_directories_and_in_further_ones(string library, string debugFile)
    {
        var snapshot = new FakeSnapshot().Map(library, 0x1000_1000, 0x1000, 0, "r-xp");
        snapshot.Files[library] = Forge(0xabcd).Build();
        snapshot.Files[debugFile] = Forge(0xabcd).AddSection(".debug_info", 1, 0, 0, new byte[16]).Build();
        var search = new ImageSearch { DebugDirectories = ["/more/debug", "/usr/lib/debug"] };
        Assert.NotNull(Assert.Single(ModuleMap.Build(snapshot, _cache, snapshot.Gaps, Limits.Default, search).Modules).DebugImage);
    }

    [Theory]
    [InlineData("../../.dwz/x86_64-linux-gnu/pack.debug", "/usr/lib/debug/.dwz/x86_64-linux-gnu/pack.debug")]
    [InlineData("../../.dwz/pack-1.2.x86_64", "/usr/lib/debug/.dwz/pack-1.2.x86_64")]
    [InlineData("../../elsewhere/pack", "/usr/lib/debug/elsewhere/pack")]
    [InlineData("/opt/pack", "/opt/pack")]
    [InlineData("nowhere", "/usr/lib/debug/.build-id/cd/ef.debug")]
    public void A_shared_file_is_found_by_where_its_link_leads(string link, string file)
    {
        var snapshot = new FakeSnapshot().Map("/lib/x", 0x1000_1000, 0x1000, 0, "r-xp");
        snapshot.Files["/lib/x"] = Forge(0xabcd).Build();
        byte[] alternate = [.. System.Text.Encoding.UTF8.GetBytes(link + "\0"), 0xcd, 0xef];
        snapshot.Files["/usr/lib/debug/.build-id/cd/ab.debug"] = Forge(0xabcd)
            .AddSection(".debug_info", 1, 0, 0, new byte[16]).AddSection(".gnu_debugaltlink", 1, 0, 0, alternate).Build();
        snapshot.Files[file] = Forge(0xefcd).Build();
        Assert.Equal(new BuildId("cdef"), Assert.Single(Build(snapshot).Modules).SupplementaryImage?.BuildId);
    }

    [Fact]
    public void A_server_is_asked_only_to_name_code_and_only_for_what_is_nowhere_else()
    {
        var server = new FakeServer();
        byte[] debug = Forge(0xabcd).AddSection(".debug_info", 1, 0, 0, new byte[16]).AddSymbol("fetched", 0x1100, 8, 2).Build();
        server.DebugInformation[new BuildId("cdab")] = debug;
        server.DebugInformation[new BuildId("07")] = debug;
        var snapshot = new FakeSnapshot()
            .Map("/lib/x", 0x1000_1000, 0x1000, 0, "r-xp").Map("/lib/yy", 0x2000_1000, 0x1000, 0, "r-xp").Map("/lib/zzz", 0x3000_1000, 0x1000, 0, "r-xp");
        snapshot.Files["/lib/x"] = Forge(0xabcd).Build();
        snapshot.Files["/lib/yy"] = Forge(7).Build();
        snapshot.Files["/lib/zzz"] = Forge(8).AddSection(".debug_info", 1, 0, 0, new byte[16]).Build();
        ModuleMap map = ModuleMap.Build(snapshot, _cache, snapshot.Gaps, Limits.Default, new ImageSearch { Server = server });
        Module module = map.Modules[0];
        Assert.NotNull(module.Image);
        Assert.Null(module.DebugImage);
        Assert.False(module.Symbols!.TryFindByName("fetched", out _));
        Assert.Equal(0, server.Asked);

        Assert.NotSame(module.Image, module.NamingImage);
        Assert.True(module.NamingSymbols!.TryFindByName("fetched", out _));
        Assert.True(module.NamingSymbols!.TryFindByName("f43981", out _));
        Assert.Same(map.Modules[1].Image, map.Modules[1].NamingImage);
        Assert.Equal(2, server.Asked);
        Assert.Same(map.Modules[2].Image, map.Modules[2].NamingImage);
        Assert.Equal(2, server.Asked);
    }

    [Theory]
    [InlineData("/core", true)]
    [InlineData(null, false)]
    public void The_file_that_a_core_lacks_comes_from_the_server(string? core, bool isFetched)
    {
        ElfForge forge = Forge(1);
        forge.WithHeaderSegment = true;
        byte[] bytes = forge.Build();
        var server = new FakeServer();
        server.Executables[new BuildId("01")] = bytes;
        var snapshot = new FakeSnapshot { Core = core }
            .Map("/gone", 0x1000_0000, 0x1000, 0, "r--p", bytes[..0x320])
            .Map("/gone", 0x1000_1000, 0x1000, 0, "r-xp");
        Module module = Assert.Single(ModuleMap.Build(snapshot, _cache, snapshot.Gaps, Limits.Default, new ImageSearch { Server = server }).Modules);
        Assert.Equal(0, server.Asked);
        Assert.False(module.MappedImage!.IsWhole);
        Assert.Equal(isFetched, module.Image!.IsWhole);
        Assert.Equal(isFetched, module.Symbols!.TryFindByName("f1", out _));
    }

    [Fact]
    public void A_debug_link_is_proved_by_its_crc()
    {
        byte[] debug = new ElfForge().AddSection(".debug_info", 1, 0, 0, new byte[16]).Build();
        uint crc = Crc32.Finish(Crc32.Append(Crc32.Initial, debug));
        foreach (bool right in new[] { true, false })
        {
            var snapshot = new FakeSnapshot().Map(right ? "/lib/x" : "/lib/yy", 0x1000_1000, 0x1000, 0, "r-xp");
            byte[] link = [.. "x.dbg\0\0\0"u8, .. BitConverter.GetBytes(right ? crc : crc + 1)];
            snapshot.Files[right ? "/lib/x" : "/lib/yy"] = new ElfForge().AddSection(".gnu_debuglink", 1, 0, 0, link).Build();
            snapshot.Files["/lib/.debug/x.dbg"] = debug;
            Assert.Equal(right, Assert.Single(Build(snapshot).Modules).DebugImage is not null);
        }
    }

    [Fact]
    public void The_crc_is_that_of_zlib() => Assert.Equal(0xcbf43926u, Crc32.Finish(Crc32.Append(Crc32.Append(Crc32.Initial, "12345678"u8), "9"u8)));

    public void Dispose() => _cache.Dispose();

    private ModuleMap Build(FakeSnapshot snapshot) => ModuleMap.Build(snapshot, _cache, snapshot.Gaps, Limits.Default);

    /// <summary>Gives what it has, right or wrong.</summary>
    private sealed class FakeServer : IDebugFileServer
    {
        public Dictionary<BuildId, byte[]> DebugInformation { get; } = [];

        public Dictionary<BuildId, byte[]> Executables { get; } = [];

        public int Asked { get; private set; }

        public ByteSource? FindDebugInformation(BuildId buildId) => Find(DebugInformation, buildId);

        public ByteSource? FindExecutable(BuildId buildId) => Find(Executables, buildId);

        private BufferByteSource? Find(Dictionary<BuildId, byte[]> files, BuildId buildId)
        {
            Asked++;
            return files.TryGetValue(buildId, out byte[]? bytes) ? new BufferByteSource(bytes) : null;
        }
    }

    private static ElfForge Forge(ushort id) => new ElfForge()
        .AddSection(".note.gnu.build-id", 7, 2, 0x2000, ElfForge.Note("GNU", 3, id < 256 ? [(byte)id] : [(byte)id, (byte)(id >> 8)]))
        .AddSymbol("f" + id, 0x1000, 0x10, 2);
}
