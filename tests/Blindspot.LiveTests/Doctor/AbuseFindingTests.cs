using Blindspot.LiveTests.Signals;
using Blindspot.LiveTests.Support;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Doctor;

/// <summary>Each mode of specimens/signal-abuse: the doctor's first finding is the fault, with its culprit, and where there is none it finds nothing above info.</summary>
public sealed class AbuseFindingTests
{
    private const int Profiling = 27;
    private const int Preemption = 23;

    public static IEnumerable<TheoryDataRow<string, string>> Modes()
    {
        foreach ((int turn, string mode) in AbuseTruth.Modes.Index())
        {
            // By turns on the oldest and the newest Go; on both with BLINDSPOT_MATRIX=whole.
            string[] versions = GoBuilds.Versions is [var oldest, var newest] ? [turn % 2 == 0 ? oldest : newest] : [GoBuilds.Versions[0], GoBuilds.Versions[^1]];
            foreach (string go in versions)
            {
                yield return new TheoryDataRow<string, string>(mode, go);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_fault_comes_first(string mode, string go)
    {
        AbuseTruth truth = AbuseTruth.Of(mode);
        using CommandedProcess process = CommandedProcess.Start(Specimen.Build("signal-abuse", go, "exe"), mode);
        DoctorJson report = DoctorJson.Capture($"{process.Pid}");
        DoctorJson.Finding[] serious = [.. report.Findings.Where(finding => finding.Severity != "info")];
        string[] expected = [.. truth.Wrong.Select(RuleOf).OfType<string>()];
        if (expected.Length == 0)
        {
            Assert.True(serious.Length == 0, string.Join("\n", serious.Select(finding => finding.ToString())));
            return;
        }

        Assert.True(serious.Length > 0, "nothing was found");
        Assert.Contains(serious[0].Rule, expected);
        string?[] culprits = [.. truth.Wrong.Where(wrong => RuleOf(wrong) == serious[0].Rule).Select(wrong => wrong.Culprit?.Function)];
        string? named = serious[0].Culprit?.GetProperty("function").GetString();
        Assert.True(culprits.Contains(named), $"{serious[0]}: expected {string.Join(" or ", culprits)}");
        Assert.True(process.IsRunning, "the specimen did not survive");
    }

    private static string? RuleOf(AbuseTruth.WrongSignal wrong) => (wrong.Number, wrong.Verdict) switch
    {
        (_, "intact" or "chained" or "unknown") => null,
        (_, "altstack-disabled" or "altstack-too-small") => "R34",
        (_, "chained-without-onstack") => "R19",
        (Preemption, _) => "R18",
        (Profiling, "replaced") => "R2",
        (Profiling, "ignored") => "R3",
        (Profiling, "default") => "R4",
        (Profiling, "blocked") => "R7",
        _ => "R33",
    };
}
