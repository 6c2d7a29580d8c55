using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Machines;

/// <summary>The executable and a specimen on a machine that has nothing but an older (or newer) C library than ours.</summary>
public sealed class LibraryTests
{
    private const string Shape = "crossed-deadlock";

    // The oldest that we promise; ./dev oldest runs all.
    public static IEnumerable<TheoryDataRow<string>> Suites() =>
        DebianRoot.Suites.Take(Environment.GetEnvironmentVariable("BLINDSPOT_LIBRARIES") == "all" ? int.MaxValue : 1)
            .Select(suite => new TheoryDataRow<string>(suite));

    [Theory]
    [MemberData(nameof(Suites))]
    public void It_runs_with_the_C_library_of(string suite)
    {
        var root = new DebianRoot(suite);
        root.NeedIt();
        using Specimen process = root.Start(Shape);

        ToolRun version = root.Blindspot("--version");
        Assert.True(version.ExitCode == 0, version.Error);
        Assert.StartsWith("blindspot ", version.Output, StringComparison.Ordinal);
        foreach (string how in (string[])["watch", "proc", "stop"])
        {
            ToolRun run = root.Blindspot("stacks", $"{process.Pid}", "--how", how, "--json");
            StacksJson report = StacksJson.Of(run, $"stacks --how {how} with the C library of {suite}");
            List<string> wrong = ExpectedStacks.Of(Shape).Compare(report).Differences;
            wrong.AddRange(report.Stacks.Where(stack => stack.End != "complete").Select(stack => $"incomplete:\n{stack}"));
            Assert.True(wrong.Count == 0, $"--how {how}:\n{string.Join("\n", wrong)}\ngaps: {report.Gaps}");
        }

        Assert.True(process.IsRunning, "the specimen did not survive");
    }
}
