using System.Text.RegularExpressions;
using Blindspot.Analysis.Profiles;
using Blindspot.Export.Pprof;
using Blindspot.Primitives;

namespace Blindspot.Tests.Export.Pprof;

/// <summary>Real profiles, read and written again: Go's own pprof must see the same in both.</summary>
public sealed class GoPprofAgreementTests
{
    public static TheoryData<string, string> Profiles
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (string go in (string[])["1.19", "1.27"])
            {
                foreach (string kind in (string[])["cpu", "heap", "goroutine"])
                {
                    data.Add(go, kind);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void GoSeesTheSame(string go, string kind)
    {
        (string original, string ours, Profile profile) = Rewrite(go, kind);
        foreach (string view in (string[])["-raw", "-top", "-traces"])
        {
            Assert.Equal(Show(view, original), Show(view, ours));
        }

        // And what Go makes of ours is still the same for us.
        string again = ours + ".again";
        ProfiledProgram.GoToolPprof("-symbolize=none", "-proto", "-output", again, ours);
        Assert.Equal(Sorted(profile), Sorted(Read(again)));
        Assert.Equal(ProfileText.Of(profile), ProfileText.Of(Read(ours)));
    }

    [Fact]
    public void LabelsComeThrough()
    {
        Profile cpu = Read(Path.Combine(ProfiledProgram.Profiles("1.27"), "cpu.pb.gz"));
        Assert.Contains(cpu.Samples, static sample => sample.Labels.Contains(new ProfileLabel("tenant", "blue", 0, "")) && sample.Labels.Contains(new ProfileLabel("path", "/a b", 0, "")));
        Profile goroutines = Read(Path.Combine(ProfiledProgram.Profiles("1.27"), "goroutine.pb.gz"));
        Assert.Equal(5, goroutines.Samples.Where(static sample => sample.Labels.Contains(new ProfileLabel("worker", "1", 0, ""))).Sum(static sample => sample.Values[0]));
    }

    [Fact]
    public void MergingIsAsInGo()
    {
        string heap = Path.Combine(ProfiledProgram.Profiles("1.27"), "heap.pb.gz");
        Profile one = Read(heap);
        Profile merged = ProfileMerge.Of([("a", one), ("b", one), ("c", one)]);
        string ours = heap + ".merged";
        File.WriteAllBytes(ours, ForgedProfile.Write(merged, isCompressed: true));

        // By functions: the order of samples, and so their numbers, is each one's own.
        foreach (string value in (string[])["alloc_space", "inuse_objects"])
        {
            Assert.Equal(Show("-sample_index=" + value, "-top", heap, heap, heap), Show("-sample_index=" + value, "-top", ours));
        }

        Assert.Equal(3 * one.Samples.Sum(static sample => sample.Values[3]), merged.Samples.Sum(static sample => sample.Values[3]));
    }

    private static (string Original, string Ours, Profile Profile) Rewrite(string go, string kind)
    {
        string original = Path.Combine(ProfiledProgram.Profiles(go), kind + ".pb.gz");
        Profile profile = Read(original);
        Assert.NotEmpty(profile.Samples);
        string ours = original + ".ours";
        File.WriteAllBytes(ours, ForgedProfile.Write(profile, isCompressed: true));
        return (original, ours, profile);
    }

    private static Profile Read(string path) => PprofReader.Read(File.ReadAllBytes(path), path, Limits.Default);

    /// <summary>Times to 100 ns, which is what a profile keeps here.</summary>
    private static string Show(string view, params string[] files) => Regex.Replace(
        ProfiledProgram.GoToolPprof(["-symbolize=none", view, .. files]),
        @"(?<=^Time: .*:\d\d)\.(\d{1,7})\d*",
        static match => "." + match.Groups[1].Value.TrimEnd('0'),
        RegexOptions.Multiline);

    /// <summary>In an order of its own, labels too, without mappings that no sample is in: Go has another order, and drops those.</summary>
    private static string Sorted(Profile profile)
    {
        Profile bare = profile with
        {
            Mappings = [],
            Samples = [.. profile.Samples.Select(static sample => sample with { Labels = [.. sample.Labels.OrderBy(static label => label.Key, StringComparer.Ordinal)] })],
            Locations = [.. profile.Locations.Select(static location => location with { Mapping = -1 })],
        };
        return ProfileText.Of(bare with
        {
            Samples = [.. bare.Samples.OrderBy(sample => ProfileText.Of(bare with { Samples = [sample] }), StringComparer.Ordinal)],
        });
    }
}
