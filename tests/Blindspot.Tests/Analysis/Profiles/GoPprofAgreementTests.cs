using Blindspot.Analysis.Profiles;

namespace Blindspot.Tests.Analysis.Profiles;

/// <summary>Each filter leaves of a real profile what Go's own pprof leaves of it.</summary>
public sealed class GoPprofAgreementTests
{
    public static TheoryData<string, ProfileFilterOptions> Filters => new()
    {
        { "-focus=recurse", new() { Focus = "recurse" } },
        { "-focus=sort\\.go$", new() { Focus = "sort\\.go$" } },
        { "-ignore=sort\\.", new() { Ignore = "sort\\." } },
        { "-hide=recurse|^sort\\.S", new() { Hide = "recurse|^sort\\.S" } },
        { "-show=^main\\.", new() { Show = "^main\\." } },
        { "-show_from=recurse", new() { ShowFrom = "recurse" } },
        { "-tagfocus=user:bob", new() { TagFocus = "user:bob" } },
        { "-tagfocus=user=^(ann|carl)$", new() { TagFocus = "user=^(ann|carl)$" } },
        { "-tagignore=ann", new() { TagIgnore = "ann" } },
        { "-focus=work -ignore=Join -hide=Strings -show=main|sort -show_from=main -tagfocus=bob",
            new() { Focus = "work", Ignore = "Join", Hide = "Strings", Show = "main|sort", ShowFrom = "main", TagFocus = "bob" } },
    };

    [Theory]
    [MemberData(nameof(Filters), DisableDiscoveryEnumeration = true)]
    public void TheSameIsLeft(string theirs, ProfileFilterOptions ours)
    {
        Profile whole = GoPprof.Read();
        Assert.True(whole.Samples.Count > 10);
        string[] expected = Sorted(GoPprof.Read(theirs.Split(' ')));
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Sorted(new ProfileFilter(ours).Apply(whole).Profile));
    }

    private static string[] Sorted(Profile profile) =>
    [
        .. ForgedProfile.Text(profile)
            .Zip(profile.Samples, static (text, sample) => text + " " + string.Join(',', sample.Labels.Select(static label => label.Key + ":" + label.Text)))
            .Order(StringComparer.Ordinal),
    ];
}
