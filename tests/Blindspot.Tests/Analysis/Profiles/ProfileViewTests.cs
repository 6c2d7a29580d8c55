using System.Text;
using System.Text.Json;
using Blindspot.Analysis.Profiles;
using Blindspot.Export;
using Blindspot.Export.FlameGraph;
using Blindspot.Export.Html;
using Blindspot.Export.Speedscope;
using Blindspot.Primitives;

namespace Blindspot.Tests.Analysis.Profiles;

public sealed class ProfileViewTests
{
    private static readonly Profile Small = new ForgedProfile { Duration = TimeSpan.FromSeconds(1) }
        .Add("main.main@app main.work@app main.work@app sqrt@/lib/libm.so.6", 10)
        .Add("main.main@app main.work@app", 20)
        .Add("main.main@app main.call@app main._Cfunc_hash@app runtime.cgocall@app hash@app", 40)
        .Add("", 5)
        .Make();

    private static readonly Profile Older = new ForgedProfile { Duration = TimeSpan.FromSeconds(2) }
        .Add("main.main@app main.work@app", 30)
        .Add("main.main@app main.gone@app", 60)
        .Make();

    [Fact]
    public void TopCountsRecursionOnce()
    {
        ProfileTop top = ProfileTop.Of(Small, ProfileTopBy.Function);
        Assert.Equal(75, top.Total);
        Assert.Equal(("hash", 40d, 40d), (top.Rows[0].Name, top.Rows[0].Flat, top.Rows[0].Cum));
        ProfileTopRow work = Assert.Single(top.Rows, static row => row.Name == "main.work");
        Assert.Equal((20d, 30d, "app", "go"), (work.Flat, work.Cum, work.Module, work.Language));
        Assert.Equal(70, Assert.Single(top.Rows, static row => row.Name == "main.main").Cum);
    }

    [Fact]
    public void TopByModuleAndBoundary()
    {
        ProfileTop modules = ProfileTop.Of(Small, ProfileTopBy.Module);
        Assert.Equal([("app", 60d, 70d), ("libm.so.6", 10d, 10d)], modules.Rows.Select(static row => (row.Name, row.Flat, row.Cum)));
        ProfileTop boundaries = ProfileTop.Of(Small, ProfileTopBy.Boundary);
        Assert.Equal([("main.call", "hash", 40d), ("main.work", "sqrt", 10d)], boundaries.Rows.Select(static row => (row.Name, row.Entry!, row.Cum)));
    }

    [Fact]
    public void ABlindProfileNamesTheFunctionByItsWrapper()
    {
        Profile blind = new ForgedProfile().Add("main.main@app main._Cfunc_hash@app runtime.cgocall@app", 7).Make();
        ProfileTopRow row = Assert.Single(ProfileTop.Of(blind, ProfileTopBy.Boundary).Rows);
        Assert.Equal(("main.main", "hash", 7d), (row.Name, row.Entry, row.Cum));
    }

    [Fact]
    public void AComparisonPutsTheLargestChangeFirst()
    {
        ProfileComparison comparison = ProfileComparison.Of(Small, Older, normalize: false);
        Assert.Contains("--normalize", Assert.Single(comparison.Warnings));
        ProfileTop top = ProfileTop.Of(comparison, ProfileTopBy.Function);
        Assert.Equal(("main.gone", 0d, 60d), (top.Rows[0].Name, top.Rows[0].Flat, top.Rows[0].OldFlat));
        Assert.Equal(90, top.OldTotal);
        Assert.Equal(75, ProfileTop.Of(ProfileComparison.Of(Small, Older, normalize: true), ProfileTopBy.Function).OldTotal!.Value, 6);
        ProfileTreeNode main = ProfileTree.Of(comparison).Nodes[0];
        Assert.Equal((70d, 90d, 0), (main.Total, main.OldTotal, main.Depth));
    }

    [Fact]
    public void WhatCannotBeComparedIsSaid()
    {
        Profile heap = Older with { ValueTypes = [new("alloc", "bytes"), new("objects", "count")] };
        Assert.Contains("alloc in bytes", Assert.Throws<BlindspotException>(() => ProfileComparison.Of(Small, heap, normalize: false)).Message);
        Profile milliseconds = Older with { ValueTypes = [new("samples", "count"), new("cpu", "milliseconds")] };
        Assert.Equal(1e6, ProfileComparison.Of(Small, milliseconds, normalize: false).OldScale);
    }

    [Fact]
    public void TheTreeHasTheLargestFirstAndAddsUp()
    {
        ProfileTree tree = ProfileTree.Of(Small);
        Assert.Equal(
            ["0 main.main 70", "1 main.call 40", "2 main._Cfunc_hash 40", "3 runtime.cgocall 40", "4 hash 40", "1 main.work 30", "2 main.work 10", "3 sqrt 10", "0 [no frames] 5"],
            tree.Nodes.Select(node => $"{node.Depth} {tree.Frames[node.Frame].Name} {node.Total}"));
    }

    [Fact]
    public void FoldedStacksAreJoinedAndCannotBreakTheFormat()
    {
        Profile hostile = new ForgedProfile().Add("a;b\nc 1@app d@app", 3).Make();
        Profile twice = new ForgedProfile().Add("main.a@app main.b@app", 3).Add("main.a@app main.b@app", 4).Make();
        Assert.Equal("main.a;main.b 7\n", Folded(twice));
        Assert.Equal("a:b c 1;d 3\n", Folded(hostile with
        {
            Locations = [.. hostile.Locations.Select(static location => location with { Lines = [.. location.Lines.Select(static line => line.Function == "d" ? line : line with { Function = "a;b\nc 1" })] })],
            Samples = [hostile.Samples[0] with { Locations = [hostile.Samples[0].Locations[0], hostile.Samples[0].Locations[^1]] }],
        }));
    }

    private static string Folded(Profile profile)
    {
        using var stream = new MemoryStream();
        FoldedWriter.Write(profile, stream, null, TestContext.Current.CancellationToken);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    [Fact]
    public void SpeedscopeHasEveryStackAndValue()
    {
        using var stream = new MemoryStream();
        SpeedscopeWriter.Write(Small, "a test", stream, TestContext.Current.CancellationToken);
        using JsonDocument document = JsonDocument.Parse(stream.ToArray());
        JsonElement root = document.RootElement;
        Assert.Equal("https://www.speedscope.app/file-format-schema.json", root.GetProperty("$schema").GetString());
        JsonElement cpu = root.GetProperty("profiles")[root.GetProperty("activeProfileIndex").GetInt32()];
        Assert.Equal(("sampled", "nanoseconds", 0, 75), (
            cpu.GetProperty("type").GetString(), cpu.GetProperty("unit").GetString(), cpu.GetProperty("startValue").GetInt32(), cpu.GetProperty("endValue").GetInt32()));
        Assert.Equal(Small.Samples.Count, cpu.GetProperty("samples").GetArrayLength());
        Assert.Equal(Small.Samples.Count, cpu.GetProperty("weights").GetArrayLength());
        JsonElement frames = root.GetProperty("shared").GetProperty("frames");
        string[] first = [.. cpu.GetProperty("samples")[0].EnumerateArray().Select(index => frames[index.GetInt32()].GetProperty("name").GetString()!)];
        Assert.Equal(["main.main", "main.work", "main.work", "sqrt"], first);
        Assert.Equal("/src/c/sqrt.c", frames[cpu.GetProperty("samples")[0][3].GetInt32()].GetProperty("file").GetString());
    }

    [Fact]
    public void ThePageHoldsHostileNamesAsData()
    {
        const string Hostile = "</script><script>alert('x')</script><!--";
        Profile profile = Small with
        {
            Locations = [.. Small.Locations.Select(static location => location with { Lines = [.. location.Lines.Select(static line => line with { Function = Hostile, File = Hostile + "\ud800" })] })],
        };
        using var stream = new MemoryStream();
        FlameGraphPage.Write(ProfileTree.Of(profile), Hostile, [Hostile], stream, TestContext.Current.CancellationToken);
        string page = Encoding.UTF8.GetString(stream.ToArray());
        Assert.DoesNotContain("alert('x')", page);
        Assert.Equal(2, page.Split("</script>").Length - 1);
        Assert.DoesNotContain("{{", page);
        Assert.DoesNotContain("http://", page);
        Assert.DoesNotContain("https://", page);
        const string Begin = "id=\"data\">";
        int data = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        using JsonDocument document = JsonDocument.Parse(page[data..page.IndexOf("</script>", data, StringComparison.Ordinal)]);
        Assert.Equal(Hostile, document.RootElement.GetProperty("title").GetString());
    }

    [Theory]
    [InlineData("x.pb.gz", null, ProfileFormat.Pprof)]
    [InlineData("x.HTML", null, ProfileFormat.Html)]
    [InlineData("x.speedscope.json", null, ProfileFormat.Speedscope)]
    [InlineData("x.folded", null, ProfileFormat.Folded)]
    [InlineData("x.html", "text", ProfileFormat.Text)]
    [InlineData(null, null, ProfileFormat.Text)]
    [InlineData("/dev/stdout", null, ProfileFormat.Text)]
    public void TheFormatGoesByNameOrExtension(string? path, string? name, ProfileFormat expected) => Assert.Equal(expected, ProfileFormats.Of(path, name));

    [Fact]
    public void AnUnknownExtensionIsNoFormat() => Assert.Contains("--format", Assert.Throws<BlindspotException>(() => ProfileFormats.Of("x.svg", null)).Message);
}
