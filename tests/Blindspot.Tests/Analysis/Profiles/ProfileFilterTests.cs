using Blindspot.Analysis.Profiles;
using Blindspot.Primitives;
using static Blindspot.Tests.Analysis.Profiles.ForgedProfile;

namespace Blindspot.Tests.Analysis.Profiles;

public sealed class ProfileFilterTests
{
    private static readonly Profile Small = new ForgedProfile()
        .Add("main.main@app main.work@app sqrt@/lib/libm.so.6", 10, Label("user", "ann"), Label("bytes", 4096))
        .Add("main.main@app main.work@app", 20, Label("user", "bob"), Label("bytes", 65536))
        .Add("main.main@app main.idle@app", 40)
        .Add("main.main@app main.outer+main.inner@app read@/lib/libc.so.6", 80)
        .Make();

    [Fact]
    public void NothingAskedForLeavesTheProfileAsItIs() => Assert.Same(Small, new ProfileFilter(new()).Apply(Small).Profile);

    [Theory]
    [InlineData("work", "main.main main.work sqrt = 10", "main.main main.work = 20")]
    [InlineData("libm", "main.main main.work sqrt = 10")]
    [InlineData(@"/src/c/re..\.c", "main.main main.outer+main.inner read = 80")]
    [InlineData("(?i)WORK$", "main.main main.work sqrt = 10", "main.main main.work = 20")]
    [InlineData("[[:digit:]]{7}")]
    public void FocusKeepsSamplesWithSuchAFrame(string pattern, params string[] left) => Check(new() { Focus = pattern }, left);

    [Fact]
    public void IgnoreIsStrongerThanFocus() =>
        Check(new() { Focus = "main", Ignore = "inner|idle" }, "main.main main.work sqrt = 10", "main.main main.work = 20");

    [Fact]
    public void HideDropsFramesAndInlinedFunctions() =>
        Check(new() { Hide = "main.main|inner|libm" }, "main.work = 10", "main.work = 20", "main.idle = 40", "main.outer read = 80");

    [Fact]
    public void ASampleWithoutAnyFrameLeftIsHidden() => Check(new() { Hide = @"\.go$" }, "sqrt = 10", "read = 80");

    [Fact]
    public void ShowLeavesFramesThatMatch() => Check(new() { Show = "inner|libm" }, "sqrt = 10", "main.inner = 80");

    [Fact]
    public void ShowFromStartsAtTheOutermostMatch()
    {
        Profile recursive = new ForgedProfile().Add("main.a@app main.b@app main.c@app main.b@app", 1).Add("main.a@app main.c@app", 2).Add("main.a@app", 4).Make();
        Check(recursive, new() { ShowFrom = "main.b" }, "main.b main.c main.b = 1");
        Check(recursive, new() { ShowFrom = "main.c" }, "main.c main.b = 1", "main.c = 2");
    }

    [Fact]
    public void ShowFromDropsWhatAFunctionWasInlinedInto() => Check(new() { ShowFrom = "inner" }, "main.inner read = 80");

    [Theory]
    [InlineData("user:ann", 10)]
    [InlineData("user=ann,bob", 30)]
    [InlineData("ann,bob", 0)]
    [InlineData("ann,user", 10)]
    [InlineData("bytes=4kb", 10)]
    [InlineData("4kb:64kb", 30)]
    [InlineData("bytes=5kb:", 20)]
    [InlineData(":4kb", 10)]
    [InlineData("bytes=1s:", 0)]
    [InlineData("other=4kb", 0)]
    public void TagFocusGoesByLabels(string condition, long left)
    {
        Assert.Equal(left, Apply(Small, new() { TagFocus = condition }).Samples.Sum(static sample => sample.Values[1]));
        Assert.Equal(150 - left, Apply(Small, new() { TagIgnore = condition }).Samples.Sum(static sample => sample.Values[1]));
    }

    [Fact]
    public void ExcludedModulesLoseFramesButNoSamples()
    {
        Check(new() { Exclude = ["libm.so.*", "/lib/libc.so.6"] },
            "main.main main.work = 10", "main.main main.work = 20", "main.main main.idle = 40", "main.main main.outer+main.inner = 80");
        Check(new() { Include = ["lib*"] }, "sqrt = 10", " = 20", " = 40", "read = 80");
        Check(new() { Include = ["lib*"], Exclude = ["libc.*"] }, "sqrt = 10", " = 20", " = 120");
    }

    [Fact]
    public void WhatIsLeftIsJoinedUnlessLabelsDiffer()
    {
        Profile profile = new ForgedProfile().Add("main.a@app x@lib.so", 1).Add("main.a@app y@lib.so", 2).Add("main.a@app z@lib.so", 4, Label("k", "v")).Make();
        Check(profile, new() { Exclude = ["lib.so"] }, "main.a = 3", "main.a = 4");
    }

    [Theory]
    [InlineData("c", "sqrt = 10", " = 20", " = 40", "read = 80")]
    [InlineData("go", "main.main main.work = 10", "main.main main.work = 20", "main.main main.idle = 40", "main.main main.outer+main.inner = 80")]
    public void OneLanguageIsLeft(string language, params string[] left) => Check(new() { Language = language }, left);

    private static readonly Profile Crossing = new ForgedProfile()
        .Add("runtime.goexit@app main.main@app main._Cfunc_hash@app runtime.cgocall@app runtime.asmcgocall@app _cgo_hash@app hash@app mix@app", 1)
        .Add("runtime.goexit@app main.main@app main._Cfunc_hash@app runtime.cgocall@app", 2)
        .Add("main.main@app walk@lib.so main.visit@app hash@app", 4)
        .Add("main.main@app main.idle@app", 8)
        .Make();

    [Fact]
    public void PlumbingIsFoldedButNotWhereAStackEndsInIt() =>
        Check(Crossing, new() { FoldPlumbing = true, Hide = "_cgo_hash" },
            "main.main hash mix = 1", "main.main main._Cfunc_hash runtime.cgocall = 2", "main.main walk main.visit hash = 4", "main.main main.idle = 8");

    [Fact]
    public void TheBoundaryIsCallerAndFunction() =>
        Check(Crossing, new() { Boundary = true, Hide = "_cgo_hash" }, "main.main hash = 1", "main.main main._Cfunc_hash = 2", "main.main walk main.visit hash = 4");

    [Fact]
    public void CoarserGranularityJoins()
    {
        Profile profile = Small with
        {
            Locations = [.. Small.Locations.Select(static location => location with { Lines = [.. location.Lines.Select(static line => line with { Function = "f", SystemName = "f" })] })],
        };
        FilteredProfile functions = new ProfileFilter(new() { Granularity = ProfileGranularity.Functions, NoInlines = true }).Apply(profile);
        Assert.Equal(["f f f = 10", "f f = 20", "f f = 40", "f f f = 80"], Text(functions.Profile));
        FilteredProfile files = new ProfileFilter(new() { Granularity = ProfileGranularity.Files }).Apply(Small);
        Assert.All(files.Profile.Locations, static location => Assert.All(location.Lines, static line => Assert.Equal("", line.Function)));
        Assert.All(functions.Profile.Locations, static location => Assert.All(location.Lines, static line => Assert.Equal("", line.File)));
    }

    [Theory]
    [InlineData("(", "--focus")]
    [InlineData(@"a(?=b)", "Look-around")]
    [InlineData(@"(a)\1", "back references")]
    [InlineData("[z-a]", "regular expression")]
    public void ABadPatternIsExplained(string pattern, string word)
    {
        var problem = Assert.Throws<BlindspotException>(() => new ProfileFilter(new() { Focus = pattern }));
        Assert.Contains(word, problem.Message);
    }

    [Theory]
    [InlineData(@"\Qa.b(\E", "a.b(", "axb(")]
    [InlineData(@"^(?P<name>x)\pL$", "xy", "x1")]
    [InlineData(@"^[[:alpha:]_]+$", "a_b", "a-b")]
    [InlineData(@"^\x{41}$", "A", "a")]
    public void SpellingsOfRe2AreKnown(string pattern, string matching, string other)
    {
        System.Text.RegularExpressions.Regex regex = ProfilePattern.Of("--focus", pattern)!;
        Assert.Matches(regex, matching);
        Assert.DoesNotMatch(regex, other);
    }

    [Fact]
    public void OptionsWithoutEffectAreNamed()
    {
        FilteredProfile filtered = new ProfileFilter(new() { Ignore = "nowhere", Exclude = ["no.so"] }).Apply(Small);
        Assert.Equal(["--ignore matched nothing.", "--exclude matched no module of the profile."], filtered.Warnings);
    }

    private static Profile Apply(Profile profile, ProfileFilterOptions options) => new ProfileFilter(options).Apply(profile).Profile;

    private static void Check(ProfileFilterOptions options, params string[] left) => Check(Small, options, left);

    private static void Check(Profile profile, ProfileFilterOptions options, params string[] left) => Assert.Equal(left, Text(Apply(profile, options)));
}
