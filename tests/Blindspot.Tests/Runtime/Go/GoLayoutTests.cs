using Blindspot.Runtime.Go;

namespace Blindspot.Tests.Runtime.Go;

public sealed class GoLayoutTests
{
    [Fact]
    public void The_table_has_the_offsets_that_were_seen_in_real_processes()
    {
        Assert.True(GoLayout.TryFromTable(23, out GoLayout? layout));
        Assert.Equal(
            [0, 48, 56, 112, 120, 128, 152, 160, 280, 288, 304, 352],
            Offsets(
                layout, GoField.GStackLow, GoField.GM, GoField.GSchedSp, GoField.GSyscallSp, GoField.GSyscallPc, GoField.GSyscallBp,
                GoField.GStatus, GoField.GId, GoField.GParentId, GoField.GCreatorPc, GoField.GStartPc, GoField.GLabels));
        Assert.Equal(
            [0, 72, 80, 192, 280, 281, 304, 328],
            Offsets(
                layout, GoField.MG0, GoField.MThreadId, GoField.MSignalG, GoField.MCurrentG, GoField.MInCgo, GoField.MIsExtra,
                GoField.MCgoDepth, GoField.MAllLink));
        Assert.Equal("table of go1.23", layout.Source);
    }

    [Fact]
    public void Fields_that_a_version_lacks_are_absent()
    {
        Assert.True(GoLayout.TryFromTable(19, out GoLayout? old));
        Assert.False(old.Has(GoField.GParentId));
        Assert.False(old.Has(GoField.MIsExtra));
        Assert.True(old.Has(GoField.MapBuckets));
        Assert.True(GoLayout.TryFromTable(27, out GoLayout? newest));
        Assert.True(newest.Has(GoField.MIdleNext));
        Assert.False(newest.Has(GoField.MapBuckets));
        foreach (int minor in GoLayoutTable.Minors)
        {
            Assert.True(GoLayout.TryFromTable(minor, out GoLayout? layout) && layout.IsUsable, $"go1.{minor}");
            Assert.InRange(GoLayoutTable.WaitReasons(minor).Length, 25, 100);
        }
    }

    [Fact]
    public void A_version_that_nobody_has_built_has_no_layout()
    {
        Assert.False(GoLayout.TryFromTable(20, out _));
        Assert.False(GoLayout.TryFromTable(28, out _));
    }

    [Fact]
    public void Debug_information_goes_by_the_first_path_that_is_there()
    {
        Assert.True(GoLayout.TryFromTypes(new Types(size: false), out GoLayout? moved));
        Assert.Equal(100, moved[GoField.SchedRunQueueSize]);
        Assert.True(GoLayout.TryFromTypes(new Types(size: true), out GoLayout? nested));
        Assert.Equal(200, nested[GoField.SchedRunQueueSize]);
        Assert.Equal(500, nested[GoField.GSize]);
        Assert.Equal(GoLayout.Absent, nested[GoField.MapBuckets]);
        Assert.Equal("dwarf", nested.Source);
        Assert.False(GoLayout.TryFromTypes(new Nothing(), out _));
    }

    [Fact]
    public void The_table_is_what_real_builds_say()
    {
        foreach (string version in GoBuilds.Versions)
        {
            Assert.SkipWhen(GoBuilds.FindGo(version) is null, $"Go {version} is not on this machine, so the whole table can't be made again: tools/go-toolchain {version} fetches it");
        }

        string toolchain = Path.Combine(GoBuilds.Repository, "tools", "go-toolchain");
        Assert.SkipUnless(File.Exists(toolchain), $"{toolchain} is not there");
        ExternalTool.Run(Path.Combine(GoBuilds.Repository, "tools", "go-layouts", "generate"), "--check");
    }

    private static int[] Offsets(GoLayout layout, params GoField[] fields) => [.. fields.Select(field => layout[field])];

    private sealed class Types(bool size) : IGoTypes
    {
        public bool TryGetOffset(string structName, string path, out int offset)
        {
            offset = path switch
            {
                "runqsize" => 100,
                "runq.size" => 200,
                _ => 8,
            };
            return structName != "runtime.hmap" && (path != "runqsize" || !size);
        }

        public bool TryGetSize(string structName, out int size)
        {
            size = 500;
            return structName != "runtime.hmap";
        }
    }

    private sealed class Nothing : IGoTypes
    {
        public bool TryGetOffset(string structName, string path, out int offset)
        {
            offset = 0;
            return false;
        }

        public bool TryGetSize(string structName, out int size)
        {
            size = 0;
            return false;
        }
    }
}
