using Blindspot.Analysis.Profiles;
using Blindspot.Cli.Terminal;
using Blindspot.Tests.Analysis.Profiles;

namespace Blindspot.Tests.Cli.Terminal;

public sealed class ProfileTopTextTests
{
    private static readonly Profile Now = new ForgedProfile { Duration = TimeSpan.FromSeconds(10) }
        .Add("main.main@/srv/ledger github.com/acme/ledger/internal/store.(*Store).Flush@/srv/ledger main._Cfunc_sqlite3_step@/srv/ledger runtime.cgocall@/srv/ledger sqlite3_step@/usr/lib/libsqlite3.so.0.8.6 sqlite3VdbeExec@/usr/lib/libsqlite3.so.0.8.6", 6_200_000_000)
        .Add("main.main@/srv/ledger encoding/json.(*decodeState).object@/srv/ledger", 1_900_000_000)
        .Add("main.main@/srv/ledger github.com/acme/ledger/internal/store.(*Store).Flush@/srv/ledger runtime.mallocgc@/srv/ledger", 30_000_000)
        .Add("start_thread@/lib/libc.so.6 evil\u001b[31m@/lib/libc.so.6", 8_000)
        .Make();

    private static readonly Profile Before = new ForgedProfile { Duration = TimeSpan.FromSeconds(10) }
        .Add("main.main@/srv/ledger encoding/json.(*decodeState).object@/srv/ledger", 2_400_000_000)
        .Add("main.main@/srv/ledger github.com/acme/ledger/internal/store.(*Store).Flush@/srv/ledger runtime.mallocgc@/srv/ledger", 30_000_000)
        .Make();

    [Theory]
    [InlineData(80, ProfileTopBy.Function)]
    [InlineData(120, ProfileTopBy.Line)]
    [InlineData(200, ProfileTopBy.Function)]
    [InlineData(80, ProfileTopBy.Boundary)]
    [InlineData(80, ProfileTopBy.Module)]
    public void Top(int width, ProfileTopBy by) => Check($"top-{by}-{width}.txt".ToLowerInvariant(), ProfileTop.Of(Now, by), width);

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    public void Compared(int width) =>
        Check($"top-compared-{width}.txt", ProfileTop.Of(ProfileComparison.Of(Now, Before, normalize: false), ProfileTopBy.Function), width);

    [Fact]
    public void ColoursComeFromTheLanguage()
    {
        string text = Text(ProfileTop.Of(Now, ProfileTopBy.Function), 100, isColoured: true);
        Assert.Contains(Palette.Begin(Style.Native) + "sqlite3VdbeExec", text);
        Assert.Contains(Palette.Begin(Style.Managed) + "main.main", text);
        Assert.DoesNotContain("\u001b[31m", text);
    }

    private static void Check(string name, ProfileTop top, int width)
    {
        string text = Text(top, width, isColoured: false);
        Assert.All(text.Split('\n'), line => Assert.InRange(DisplayWidth.Of(line), 0, width));
        Golden.Matches(name, text);
    }

    private static string Text(ProfileTop top, int width, bool isColoured)
    {
        var output = new StringWriter();
        ProfileTopText.Write(top, 5, new StyledWriter(output, isColoured, width));
        return output.ToString();
    }
}
