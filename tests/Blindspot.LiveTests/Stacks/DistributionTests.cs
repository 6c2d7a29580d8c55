using System.Text.Json;
using Blindspot.LiveTests.Support;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Stacks;

/// <summary>A program as Debian packages it: Go and C, without a symbol. ./dev distributions looks at more of them.</summary>
public sealed class DistributionTests
{
    private const int NotToBeHad = 3;

    [Fact]
    public void A_packaged_program_without_symbols_is_seen_whole_in_every_way_and_as_its_runtime_sees_itself()
    {
        // The smallest: 10 MB of packages, once. Its goroutines read /dev/fuse and encrypt by OpenSSL.
        ToolRun run = ToolRun.Start(ExternalTool.Find("python3"), [Repository.InRoot("tools/distributions/run"), "--json", "--rounds", "3", "gocryptfs/bookworm"]);
        Assert.SkipWhen(run.ExitCode == NotToBeHad, run.Error.Trim());
        Assert.True(run.ExitCode == 0, run.Error);
        using JsonDocument document = JsonDocument.Parse(run.Output);
        JsonElement program = Assert.Single(document.RootElement.EnumerateArray());
        Assert.Equal("go1.19.8", program.GetProperty("go").GetString());
        int ways = 0;
        foreach (JsonProperty way in program.GetProperty("ways").EnumerateObject())
        {
            ways++;
            int Count(string name) => way.Value.GetProperty(name).GetInt32();
            Assert.True(Count("settled") > 10 * Count("reports"), $"{way.Name}: {way.Value}");

            // A thread that is stopped while it runs may be in OpenSSL's assembly, some of whose unwind data hang on rax, which
            // is unknown behind a call (docs/findings.md). Nothing else may be cut, and that not often.
            bool meetsAssembly = way.Name is "stop" or "exact";
            int cut = way.Value.GetProperty("cut").EnumerateObject()
                .Where(end => meetsAssembly && end.Name is ("register-unknown" or "not-in-code")).Sum(end => end.Value.GetInt32());
            Assert.True(Count("settled") - Count("settled_complete") <= Math.Min(cut, Count("settled") / 20), $"{way.Name}: {way.Value}");
            Assert.True(Count("go_frames") > 50 * Count("reports"), $"{way.Name}: {way.Value}");
            Assert.True(Count("go_frames") == Count("go_named") && Count("go_frames") == Count("go_placed"), $"{way.Name}: {way.Value}");
        }

        Assert.Equal(5, ways);
        JsonElement agreement = program.GetProperty("agreement");
        Assert.True(agreement.GetProperty("goroutines").GetInt32() >= 5, agreement.ToString());
        Assert.True(agreement.GetProperty("goroutines").GetInt32() == agreement.GetProperty("goroutines_alike").GetInt32(), agreement.ToString());
    }
}
