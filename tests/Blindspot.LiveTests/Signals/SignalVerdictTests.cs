using System.Text.Json;
using Blindspot.LiveTests.Support;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Signals;

/// <summary>Each mode of specimens/signal-abuse, looked at in every way: the verdict and the culprit of truth.json, and nobody else accused.</summary>
public sealed class SignalVerdictTests
{
    private static readonly string[] s_ways = ["watch", "stop", "proc"];

    public static IEnumerable<TheoryDataRow<string, string, string>> Modes()
    {
        foreach ((int turn, string mode) in AbuseTruth.Modes.Index())
        {
            // Each mode on both versions, with and without symbols by turns; as everything with BLINDSPOT_MATRIX=whole.
            IEnumerable<(string Go, string Kind)> builds = GoBuilds.Versions is [var oldest, var newest]
                ? [(oldest, turn % 2 == 0 ? "exe" : "stripped"), (newest, turn % 2 == 0 ? "stripped" : "exe")]
                : GoBuilds.Versions.SelectMany(go => AbuseTruth.Builds, (go, kind) => (go, kind));
            foreach ((string go, string kind) in builds)
            {
                yield return new TheoryDataRow<string, string, string>(mode, go, kind);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void The_guilty_are_named_and_nobody_else(string mode, string go, string kind)
    {
        AbuseTruth truth = AbuseTruth.Of(mode);
        using CommandedProcess process = CommandedProcess.Start(Specimen.Build("signal-abuse", go, kind), mode);
        List<string> wrong = [];
        foreach (string way in s_ways)
        {
            SignalsJson report = SignalsJson.Capture($"{process.Pid}", "--how", way);
            var expected = new ExpectedVerdicts(truth, isExact: way != "proc", hasSymbols: new BuildKind(kind).HasNativeSymbols);
            wrong.AddRange(expected.Compare(report).Select(difference => $"{way}: {difference}"));
        }

        Assert.True(process.IsRunning, "the specimen did not survive");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    [Theory]
    [InlineData("itimer-off", null)]
    [InlineData("itimer-slow", 1000.0)]
    [InlineData("none", null)]
    public void The_profiling_timer_of_the_process_shows(string mode, double? interval)
    {
        using CommandedProcess process = CommandedProcess.Start(Specimen.Build("signal-abuse", "1.27", "exe"), mode);
        SignalsJson report = SignalsJson.Capture($"{process.Pid}", "--how", "watch");
        Assert.NotNull(report.IntervalTimers);
        double?[] seen =
        [
            .. report.IntervalTimers
                .Where(timer => timer.GetProperty("kind").GetString() == "prof" && timer.GetProperty("intervalMs").GetDouble() > 0)
                .Select(timer => (double?)timer.GetProperty("intervalMs").GetDouble()),
        ];
        Assert.Equal(interval is null ? [] : [interval], seen);
    }

    [Theory]
    [InlineData("altstack-64k", 64 << 10, true)]
    [InlineData("altstack-small", 4 << 10, false)]
    public void A_foreign_alternate_stack_is_measured(string mode, int size, bool isSufficient)
    {
        using CommandedProcess process = CommandedProcess.Start(Specimen.Build("signal-abuse", "1.19", "exe"), mode);
        foreach (string way in s_ways.Except(["proc"]))
        {
            SignalsJson report = SignalsJson.Capture($"{process.Pid}", "--how", way);
            JsonElement stack = report.ThreadNamed("worker").GetProperty("altstack");
            Assert.Equal(size, stack.GetProperty("size").GetInt32());
            Assert.Equal(isSufficient, stack.GetProperty("sufficient").GetBoolean());
            Assert.NotEqual("go", stack.GetProperty("owner").GetString());
        }
    }
}
