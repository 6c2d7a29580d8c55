using Blindspot.Image.Debuginfod;

namespace Blindspot.Tests.Image.Debuginfod;

public sealed class DebuginfodSettingsTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("ima:enforcing")]
    [InlineData("file:///etc ftp://mirror/ not-a-server")]
    public void Without_a_server_nothing_is_asked(string? urls) => Assert.Null(Read(("DEBUGINFOD_URLS", urls)));

    [Fact]
    public void Servers_keep_their_order_and_paths()
    {
        DebuginfodSettings settings = Read(("DEBUGINFOD_URLS", "https://debuginfod.debian.net ima:ignore http://localhost:8002/prefix/"))!;
        Assert.Equal(["https://debuginfod.debian.net/", "http://localhost:8002/prefix/"], settings.Servers.Select(server => server.ToString()));
    }

    [Theory]
    [InlineData("/c", "/x", "/h", "/c")]
    [InlineData(null, "/x", "/h", "/x/debuginfod_client")]
    [InlineData(null, null, "/h", "/h/.cache/debuginfod_client")]
    [InlineData(null, null, null, null)]
    public void The_cache_is_that_of_other_clients(string? named, string? cacheHome, string? home, string? expected) => Assert.Equal(
        expected,
        Read(("DEBUGINFOD_URLS", "http://a"), ("DEBUGINFOD_CACHE_PATH", named), ("XDG_CACHE_HOME", cacheHome), ("HOME", home))!.CachePath);

    [Theory]
    [InlineData("3", 3)]
    [InlineData("0", 5)]
    [InlineData("-1", 5)]
    [InlineData("soon", 5)]
    [InlineData("9999999999999", 86400)]
    public void Waiting_always_has_an_end(string text, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Read(("DEBUGINFOD_URLS", "http://a"), ("DEBUGINFOD_TIMEOUT", text))!.Timeout);

    [Fact]
    public void Sizes_are_bytes()
    {
        Assert.Equal(1000, Read(("DEBUGINFOD_URLS", "http://a"), ("DEBUGINFOD_MAXSIZE", "1000"))!.MaxBytes);
        Assert.Equal(2L << 30, Read(("DEBUGINFOD_URLS", "http://a"))!.MaxBytes);
    }

    private static DebuginfodSettings? Read(params (string Name, string? Value)[] variables) =>
        DebuginfodSettings.FromEnvironment(name => Array.Find(variables, variable => variable.Name == name).Value);
}
