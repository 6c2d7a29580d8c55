using System.CommandLine;
using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Commands;
using Blindspot.Primitives;

namespace Blindspot.Tests.Cli.Commands;

public sealed class FilterOptionSetTests
{
    [Fact]
    public void OptionsComeFromTheCommandLineFirst()
    {
        ProfileFilterOptions options = Of(
            ["--focus", "main", "--exclude", "libc.so.*,libpthread.so.*", "--exclude", "x.so"], "--focus other --language c\n# a remark\n--hide 'a b\\.c'");
        Assert.Equal("main", options.Focus);
        Assert.Equal(["libc.so.*", "libpthread.so.*", "x.so"], options.Exclude);
        Assert.Equal("c", options.Language);
        Assert.Equal(@"a b\.c", options.Hide);
        Assert.True(options.FoldPlumbing);
        Assert.False(Of(["--all-frames"], null).FoldPlumbing);
    }

    [Fact]
    public void AFileIsTakenForTheVariable()
    {
        string path = Path.Combine(CompiledFixture.TemporaryDirectory(), "filter.txt");
        File.WriteAllText(path, "--granularity functions --boundary");
        Assert.Equal(ProfileGranularity.Functions, Of(["--filter", path], "--granularity files --focus x").Granularity);
        Assert.Null(Of(["--filter", path], "--focus x").Focus);
        Assert.True(Of([], "@" + path).Boundary);
    }

    [Theory]
    [InlineData("--language java", "takes c or go")]
    [InlineData("--nonsense", "BLINDSPOT_FILTER is no filter")]
    [InlineData("focus=main", "BLINDSPOT_FILTER is no filter")]
    [InlineData("--filter x", "cannot name another")]
    [InlineData("@/nowhere/filter", "cannot be read")]
    public void ABadFilterIsExplained(string text, string expected) => Assert.Contains(expected, Assert.Throws<BlindspotException>(() => Of([], text)).Message);

    private static ProfileFilterOptions Of(string[] arguments, string? variable)
    {
        var filter = new FilterOptionSet();
        var command = new Command("test");
        filter.AddTo(command);
        ParseResult parsed = command.Parse(arguments);
        Assert.Empty(parsed.Errors);
        return filter.Of(parsed, foldPlumbing: true, _ => variable);
    }
}
