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

    private static ElfForge Forge(ushort id) => new ElfForge()
        .AddSection(".note.gnu.build-id", 7, 2, 0x2000, ElfForge.Note("GNU", 3, id < 256 ? [(byte)id] : [(byte)id, (byte)(id >> 8)]))
        .AddSymbol("f" + id, 0x1000, 0x10, 2);
}
