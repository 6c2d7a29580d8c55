using Blindspot.Interop;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Tests.Interop;

/// <summary>Paths resolved inside a root, by the kernel and by ourselves: both find the same file, or the same error.</summary>
public sealed class RootedPathTests : IDisposable
{
    private readonly string _top = Directory.CreateTempSubdirectory("blindspot-test-").FullName;

    public RootedPathTests()
    {
        string root = Path.Combine(_top, "root");
        Directory.CreateDirectory(Path.Combine(root, "usr/lib"));
        Directory.CreateDirectory(Path.Combine(root, "opt"));
        File.WriteAllText(Path.Combine(_top, "secret"), "");
        File.WriteAllText(Path.Combine(root, "secret"), "");
        File.WriteAllText(Path.Combine(root, "usr/lib/libc"), "");
        Link("lib", "usr/lib");
        Link("opt/absolute", "/usr/lib/libc");
        Link("opt/up", "../usr/lib/libc");
        Link("opt/out", "../../../../../../secret");
        Link("opt/root", "/");
        Link("opt/loop", "loop");
        Link("opt/ping", "/opt/pong");
        Link("opt/pong", "ping");
        Link("opt/dangling", "/nowhere");
        Link("opt/empty-folder", "/usr/lib/");
        Link("opt/real-root", _top);
        for (int i = 0; i < 41; i++)
        {
            Link($"opt/chain{i}", i == 0 ? "/secret" : $"chain{i - 1}");
        }

        void Link(string path, string target) => File.CreateSymbolicLink(Path.Combine(root, path), target);
    }

    [Theory]
    [InlineData("/usr/lib/libc", "root/usr/lib/libc")]
    [InlineData("usr/lib/libc", "root/usr/lib/libc")]
    [InlineData("//usr/./lib//libc", "root/usr/lib/libc")]
    [InlineData("/lib/libc", "root/usr/lib/libc")]
    [InlineData("/opt/absolute", "root/usr/lib/libc")]
    [InlineData("/opt/up", "root/usr/lib/libc")]
    [InlineData("/opt/empty-folder/libc", "root/usr/lib/libc")]
    [InlineData("/opt/root/opt/root/secret", "root/secret")]
    [InlineData("/opt/out", "root/secret")]
    [InlineData("/../../../../secret", "root/secret")]
    [InlineData("/lib/../secret", null)]
    [InlineData("/lib/../../secret", "root/secret")]
    [InlineData("/opt/chain39", "root/secret")]
    [InlineData("/", "root")]
    [InlineData("..", "root")]
    [InlineData("/opt/chain40", null)]
    [InlineData("/opt/real-root/secret", null)]
    [InlineData("/opt/loop", null)]
    [InlineData("/opt/ping", null)]
    [InlineData("/opt/dangling", null)]
    [InlineData("/secret/", null)]
    [InlineData("/secret/.", null)]
    [InlineData("/secret/..", null)]
    [InlineData("/secret/../secret", null)]
    [InlineData("/missing/../secret", null)]
    public void Both_ways_stay_inside_the_root(string path, string? expected)
    {
        using SafeFileHandle root = RawFile.TryRefer(Path.Combine(_top, "root"), out _)!;
        using SafeFileHandle? walked = RootedPath.TryWalk(root, path, out Errno walkError);
        Assert.Equal(expected is null ? null : IdentityOf(expected), walked is null ? null : RawFile.Identify(walked));
        Assert.Equal(expected is null, walkError != Errno.None);

        using SafeFileHandle? atOnce = RootedPath.TryReferAtOnce(root, path, out Errno error);
        Assert.SkipWhen(error is Errno.NotImplemented or Errno.NotPermitted, "this kernel has no openat2");
        Assert.Equal(walkError, error);
        Assert.Equal(walked is null ? null : RawFile.Identify(walked), atOnce is null ? null : RawFile.Identify(atOnce));
    }

    [Fact]
    public void A_walk_holds_no_more_than_so_many_folders_open()
    {
        string deep = Path.Combine(_top, "root", string.Join('/', Enumerable.Repeat("d", 200)));
        Directory.CreateDirectory(deep);
        using SafeFileHandle root = RawFile.TryRefer(Path.Combine(_top, "root"), out _)!;
        Assert.Null(RootedPath.TryWalk(root, string.Join('/', Enumerable.Repeat("d", 200)), out Errno error));
        Assert.Equal(Errno.NameTooLong, error);
        Assert.Equal([Path.Combine(_top, "root")], OpenBelow());
    }

    [Fact]
    public void A_link_of_proc_that_leads_out_of_every_root_is_read_as_text()
    {
        using SafeFileHandle root = RawFile.TryRefer("/proc", out _)!;
        Assert.Null(RootedPath.TryReferAtOnce(root, "self/root/etc", out _));
        Assert.Null(RootedPath.TryWalk(root, "self/root/etc", out _));
    }

    public void Dispose() => Directory.Delete(_top, recursive: true);

    /// <summary>Of our descriptors those that stand for something below the root or the root itself.</summary>
    private string[] OpenBelow() =>
        [.. Directory.GetFileSystemEntries("/proc/self/fd").Select(path => RawFile.ReadLink(path, out _)).OfType<string>().Where(path => path.StartsWith(_top, StringComparison.Ordinal))];

    private FileIdentity? IdentityOf(string path)
    {
        using SafeFileHandle file = RawFile.TryRefer(Path.Combine(_top, path), out _)!;
        return RawFile.Identify(file);
    }
}
