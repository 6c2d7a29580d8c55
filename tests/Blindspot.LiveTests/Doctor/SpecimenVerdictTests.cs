using Blindspot.LiveTests.Support;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Doctor;

/// <summary>Every specimen with a verdict.json: the doctor's first finding is the fault, and the healthy ones are not accused.</summary>
public sealed class SpecimenVerdictTests
{
    private static readonly string[] s_kinds = ["exe", "stripped"];
    private static readonly string[] s_versions = [GoBuilds.Versions[0], GoBuilds.Versions[^1]];

    public static IEnumerable<TheoryDataRow<string, string, string, string>> Matrix()
    {
        foreach ((int turn, (string specimen, string mode)) in ExpectedVerdict.All().Index())
        {
            bool isGo = Directory.EnumerateFiles(Repository.InRoot("specimens", specimen), "*.go").Any();
            (string Go, string Kind)[] builds = [.. (isGo ? s_versions : ["1.27"]).SelectMany(static _ => s_kinds, static (go, kind) => (go, kind))];

            // Each as one build, turn by turn; as all with BLINDSPOT_MATRIX=whole.
            foreach ((string go, string kind) in GoBuilds.Versions.Length > 2 ? builds : [builds[turn % builds.Length]])
            {
                yield return new TheoryDataRow<string, string, string, string>(specimen, mode, go, kind);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void The_fault_comes_first_and_nobody_else_is_accused(string specimen, string mode, string go, string kind)
    {
        using Specimen process = Specimen.Start(specimen, go, kind, mode.Length == 0 ? [] : ["-mode", mode]);
        DoctorJson report = DoctorJson.Capture($"{process.Pid}");
        string? wrong = ExpectedVerdict.Of(specimen, mode).Compare(report, hasSymbols: kind != "stripped");
        Assert.True(process.IsRunning, "the specimen did not survive");
        Assert.True(wrong is null, wrong);
    }

    [Fact]
    public void Native_memory_that_grows_is_said_to_grow()
    {
        using Specimen process = Specimen.Start("unprofiled", "1.27", "exe", "-mode", "native-growth");
        process.Input.WriteLine("grow");
        process.Input.Flush();
        DoctorJson.Finding first = DoctorJson.Capture($"{process.Pid}").Findings[0];
        Assert.Equal("R21", first.Rule);
        Assert.Contains("Anonymous memory grew by", first.Json.GetProperty("consequence").GetString());
    }
}
