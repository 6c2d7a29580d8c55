using Blindspot.Image.Debuginfod;
using Blindspot.Primitives;
using Blindspot.Tests.Image.Elf;

namespace Blindspot.Tests.Image.Debuginfod;

/// <summary>Against servers on this machine, which answer as badly as servers do.</summary>
public sealed class DebuginfodClientTests : IDisposable
{
    private static readonly BuildId _id = new("0102030405060708");
    private static readonly byte[] _file = Forge(8);

    private readonly string _cache = Directory.CreateTempSubdirectory("blindspot-debuginfod-").FullName;
    private readonly GapLog _gaps = new();

    public DebuginfodClientTests() => ExternalTool.Find("/usr/lib/x86_64-linux-gnu/libcurl.so.4");

    private string CachedPath => Path.Combine(_cache, _id.Hex, "debuginfo");

    [Fact]
    public void What_a_server_has_is_given_and_kept_for_all_clients()
    {
        using var server = new LocalServer(path => path == $"/buildid/{_id}/debuginfo" ? LocalAnswer.Of(_file) : LocalAnswer.NotFound);
        Assert.Equal(_file, Find(server.Address));
        Assert.Equal(_file, File.ReadAllBytes(CachedPath));
        Assert.Equal([CachedPath], Directory.GetFiles(_cache, "*", SearchOption.AllDirectories));
        Assert.Equal(UnixFileMode.UserRead, File.GetUnixFileMode(CachedPath));
        Assert.Empty(_gaps.ToList());

        // The next one asks nobody.
        Assert.Equal(_file, Find(server.Address));
        Assert.Single(server.Requests);
    }

    [Fact]
    public void Executables_are_asked_for_by_another_name()
    {
        using var server = new LocalServer(path => path == $"/prefix/buildid/{_id}/executable" ? LocalAnswer.Of(_file) : LocalAnswer.NotFound);
        DebuginfodClient client = Client(new Uri(server.Address, "prefix"));
        Assert.Equal(_file, Bytes(client.FindExecutable(_id)));
        Assert.True(File.Exists(Path.Combine(_cache, _id.Hex, "executable")));
    }

    [Fact]
    public void Servers_are_asked_in_turn()
    {
        using var empty = new LocalServer(_ => LocalAnswer.NotFound);
        using var full = new LocalServer(_ => LocalAnswer.Of(_file));
        using var unasked = new LocalServer(_ => LocalAnswer.Of(_file));
        Assert.Equal(_file, Find(empty.Address, full.Address, unasked.Address));
        Assert.Single(empty.Requests);
        Assert.Single(full.Requests);
        Assert.Empty(unasked.Requests);
        Assert.Empty(_gaps.ToList());
    }

    [Fact]
    public void What_no_server_has_is_asked_for_once_and_no_gap()
    {
        using var server = new LocalServer(_ => LocalAnswer.NotFound);
        DebuginfodClient client = Client(server.Address);
        Assert.Null(client.FindDebugInformation(_id));
        Assert.Null(client.FindDebugInformation(_id));
        Assert.Single(server.Requests);
        Assert.Empty(_gaps.ToList());
        Assert.Empty(Directory.GetFiles(_cache, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Redirections_are_followed_but_not_for_ever()
    {
        using var server = new LocalServer(path => path.StartsWith("/buildid", StringComparison.Ordinal) ? LocalAnswer.Redirect("/elsewhere")
            : path == "/elsewhere" ? LocalAnswer.Of(_file) : LocalAnswer.NotFound);
        Assert.Equal(_file, Find(server.Address));
        File.Delete(CachedPath);
        using var circle = new LocalServer(_ => LocalAnswer.Redirect("/again"));
        Assert.Null(Find(circle.Address));
        Assert.InRange(circle.Requests.Count, 2, 20);
        Assert.Contains("302", Assert.Single(_gaps.ToList()).Message);
    }

    [Fact]
    public void A_server_that_hangs_is_given_up_and_the_next_one_asked()
    {
        using var hanging = new LocalServer(_ => LocalAnswer.Hang);
        using var full = new LocalServer(path => path.Contains(_id.Hex, StringComparison.Ordinal) ? LocalAnswer.Of(_file) : LocalAnswer.NotFound);
        DebuginfodClient client = Client(hanging.Address, full.Address);
        Assert.Equal(_file, Bytes(client.FindDebugInformation(_id)));
        Assert.Null(client.FindDebugInformation(new BuildId("ffff")));
        Assert.Single(hanging.Requests);
        Assert.Equal(2, full.Requests.Count);
        Assert.Equal("debuginfod-failed", Assert.Single(_gaps.ToList()).Kind);
    }

    [Fact]
    public void A_server_that_never_ends_is_cut_short()
    {
        using var dripping = new LocalServer(_ => new LocalAnswer(200, _file) { DripsForever = true });
        DebuginfodClient client = Client(settings => settings with { MaxTime = TimeSpan.FromSeconds(1), Timeout = TimeSpan.FromSeconds(20) }, dripping.Address);
        Assert.Null(client.FindDebugInformation(_id));
        Assert.Null(client.FindDebugInformation(new BuildId("ffff")));
        Assert.Single(dripping.Requests);
        Assert.Equal("debuginfod-time", Assert.Single(_gaps.ToList()).Kind);
        Assert.Empty(Directory.GetFiles(_cache, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Nobody_listening_is_a_gap()
    {
        var gone = new LocalServer(_ => LocalAnswer.NotFound);
        Uri address = gone.Address;
        gone.Dispose();
        Assert.Null(Find(address));
        Assert.Contains("127.0.0.1", Assert.Single(_gaps.ToList()).Message);
    }

    [Theory]
    [InlineData("wrong build ID", "build ID is 0102030405060709")]
    [InlineData("no ELF", "")]
    [InlineData("nothing", "")]
    [InlineData("cut without a length", "it is cut")]
    public void What_is_not_the_file_is_not_used(string what, string because)
    {
        byte[] body = what switch
        {
            "wrong build ID" => Forge(9),
            "no ELF" => "<html>Sign in to the hotel's network</html>"u8.ToArray(),
            "nothing" => [],
            _ => _file[..^200],
        };
        using var server = new LocalServer(_ => new LocalAnswer(200, body));
        Assert.Null(Find(server.Address));
        Gap gap = Assert.Single(_gaps.ToList());
        Assert.Equal("debuginfod-mismatch", gap.Kind);
        Assert.Contains(because, gap.Message);
        Assert.Empty(Directory.GetFiles(_cache, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void An_answer_that_breaks_off_is_a_failure()
    {
        using var server = new LocalServer(_ => new LocalAnswer(200, _file[..100]) { ClaimedLength = _file.Length });
        Assert.Null(Find(server.Address));
        Assert.Equal("debuginfod-failed", Assert.Single(_gaps.ToList()).Kind);
        Assert.Empty(Directory.GetFiles(_cache, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Larger_files_than_allowed_are_left(bool isLengthTold)
    {
        using var server = new LocalServer(_ => new LocalAnswer(200, _file) { ClaimedLength = isLengthTold ? _file.Length : null });
        DebuginfodClient client = Client(settings => settings with { MaxBytes = _file.Length - 1 }, server.Address);
        Assert.Null(client.FindDebugInformation(_id));
        Assert.Equal("debuginfod-size", Assert.Single(_gaps.ToList()).Kind);
        Assert.Empty(Directory.GetFiles(_cache, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void A_server_in_trouble_is_a_gap()
    {
        using var server = new LocalServer(_ => new LocalAnswer(502, []) { ClaimedLength = 0 });
        Assert.Null(Find(server.Address));
        Assert.Contains("502", Assert.Single(_gaps.ToList()).Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(300)]
    public void A_damaged_or_empty_entry_of_the_cache_is_replaced(int length)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(CachedPath)!);
        File.WriteAllBytes(CachedPath, _file[..length]);
        using var server = new LocalServer(_ => LocalAnswer.Of(_file));
        Assert.Equal(_file, Find(server.Address));
        Assert.Equal(_file, File.ReadAllBytes(CachedPath));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("/proc/1/no-such-place")]
    public void Without_a_cache_it_is_used_all_the_same(string? cache)
    {
        using var server = new LocalServer(_ => LocalAnswer.Of(_file));
        DebuginfodClient client = Client(settings => settings with { CachePath = cache }, server.Address);
        Assert.Equal(_file, Bytes(client.FindDebugInformation(_id)));
        Assert.Empty(_gaps.ToList());
    }

    [Fact]
    public void An_interruption_ends_it()
    {
        using var server = new LocalServer(_ => LocalAnswer.Hang);
        using var cancel = new CancellationTokenSource();
        var progress = new Told(message => cancel.Cancel());
        var client = new DebuginfodClient(Settings(server.Address), _gaps, Limits.Default, progress, cancel.Token);
        Assert.ThrowsAny<OperationCanceledException>(() => client.FindDebugInformation(_id));
        Assert.Empty(Directory.GetFiles(_cache, "*", SearchOption.AllDirectories));
        Assert.Contains("127.0.0.1", progress.Last);
    }

    public void Dispose() => Directory.Delete(_cache, recursive: true);

    private byte[]? Find(params Uri[] servers)
    {
        DebuginfodClient client = Client(servers);
        return Bytes(client.FindDebugInformation(_id));
    }

    private DebuginfodClient Client(params Uri[] servers) => Client(settings => settings, servers);

    private DebuginfodClient Client(Func<DebuginfodSettings, DebuginfodSettings> change, params Uri[] servers) =>
        new(change(Settings(servers)), _gaps, Limits.Default, new Told(_ => { }), TestContext.Current.CancellationToken);

    private DebuginfodSettings Settings(params Uri[] servers) =>
        DebuginfodSettings.FromEnvironment(name => name switch
        {
            "DEBUGINFOD_URLS" => "ima:enforcing " + string.Join(' ', servers.Select(server => server.ToString())),
            "DEBUGINFOD_CACHE_PATH" => _cache,
            "DEBUGINFOD_TIMEOUT" => "2",
            _ => null,
        })!;

    private static byte[]? Bytes(ByteSource? source)
    {
        using (source)
        {
            return source?.ReadExactly(0, source.Length, "test");
        }
    }

    private static byte[] Forge(byte last) => new ElfForge()
        .AddSection(".note.gnu.build-id", 7, 2, 0x2000, ElfForge.Note("GNU", 3, [1, 2, 3, 4, 5, 6, 7, last]))
        .AddSection(".debug_info", 1, 0, 0, new byte[3000])
        .AddSymbol("fetched", 0x1000, 0x10, 2)
        .Build();

    private sealed class Told(Action<string> act) : IProgress<string>
    {
        public string Last { get; private set; } = "";

        public void Report(string value)
        {
            Last = value;
            act(value);
        }
    }
}
