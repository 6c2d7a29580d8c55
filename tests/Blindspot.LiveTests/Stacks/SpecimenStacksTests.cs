using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Stacks;

/// <summary>Every specimen, as its author described it: all stacks complete, the expected frames found, in each way of reading.</summary>
public sealed class SpecimenStacksTests
{
    // Each specimen as a few builds, so that all kinds and both versions get their turn among them; ./dev matrix runs all.
    private static bool IsWhole => Environment.GetEnvironmentVariable("BLINDSPOT_MATRIX") == "whole";

    public static IEnumerable<TheoryDataRow<string, string, string>> Matrix()
    {
        int turn = 0;
        foreach (string folder in Directory.EnumerateDirectories(Repository.InRoot("specimens")).Order(StringComparer.Ordinal))
        {
            string specimen = Path.GetFileName(folder);
            if (!File.Exists(Path.Combine(folder, "expected.json")))
            {
                continue;
            }

            bool isGo = Directory.EnumerateFiles(folder, "*.go").Any();
            var builds = new List<(string Go, string Kind)>();
            foreach (string kind in ExpectedStacks.Of(specimen).Builds)
            {
                builds.AddRange(isGo ? [("1.27", kind), ("1.19", kind)] : [("1.27", kind)]);
            }

            for (int i = 0; i < builds.Count; i++)
            {
                // Steps of five go through both versions and all kinds, beginning elsewhere for each specimen.
                if (IsWhole || (i + turn) % 5 == 0)
                {
                    yield return new TheoryDataRow<string, string, string>(specimen, builds[i].Go, builds[i].Kind);
                }
            }

            turn++;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Stacks_are_whole_in_every_way_of_reading(string specimen, string go, string kind)
    {
        ExpectedStacks expected = ExpectedStacks.Of(specimen);
        bool hasNativeSymbols = !kind.Contains("strip", StringComparison.Ordinal);
        using Specimen process = Specimen.Start(specimen, go, kind);
        var wrong = new List<string>();
        Dictionary<string, string>? first = null;

        // Of a thread that runs nothing is sure without a stop, and /proc tells nothing at all.
        string[][] ways = expected.IsSettled
            ? [["--how", "watch"], ["--how", "watch", "--exact"], ["--how", "proc"], ["--how", "stop"]]
            : [["--how", "watch", "--exact"], ["--how", "proc", "--exact"], ["--how", "stop"]];
        foreach (string[] options in ways)
        {
            StacksJson report = StacksJson.Capture($"{process.Pid}", options);
            Check(string.Join(' ', options), report);
        }

        if (!expected.IsSettled)
        {
            StacksJson moving = StacksJson.Capture($"{process.Pid}");
            wrong.AddRange(moving.Threads
                .Where(thread => thread.Stack.End != "complete" && thread.Text("consistency") != "possibly-torn")
                .Select(thread => $"incomplete, and not told as possibly torn: {thread.Json}\n{thread.Stack}"));
        }
        else
        {
            string core = Path.Combine(Path.GetTempPath(), $"blindspot-test-{process.Pid}");
            try
            {
                ToolRun gcore = ToolRun.Start("gcore", ["-o", core, $"{process.Pid}"]);
                Assert.True(gcore.ExitCode == 0, gcore.Error);
                Check("core", StacksJson.Capture($"{core}.{process.Pid}", "--exe", process.Path));
            }
            finally
            {
                File.Delete($"{core}.{process.Pid}");
            }
        }

        Assert.True(process.IsRunning, "the specimen did not survive");
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));

        void Check(string how, StacksJson report)
        {
            List<string> differences = expected.Compare(report, hasNativeSymbols);
            if (expected.IsSettled)
            {
                differences.AddRange(report.Threads.Concat(report.Tasks)
                    .Where(item => item.Stack.End != "complete")
                    .Select(item => $"incomplete: {item.Json}\n{item.Stack}"));
            }

            if (expected.IsSettled)
            {
                // Nothing moved, so that every way of reading must see the same, frame by frame.
                Dictionary<string, string> seen = Signatures(report);
                first ??= seen;
                differences.AddRange(first.Keys.Union(seen.Keys)
                    .Where(key => first.GetValueOrDefault(key) != seen.GetValueOrDefault(key))
                    .Select(key => $"{key} differs from the first way of reading:\n{first.GetValueOrDefault(key)}\n  now:\n{seen.GetValueOrDefault(key)}"));
            }

            if (differences.Count > 0)
            {
                wrong.Add($"--- {how}\n{string.Join("\n", differences)}\ngaps: {report.Gaps}");
            }
        }
    }

    private static Dictionary<string, string> Signatures(StacksJson report) =>
        report.Threads.Select(thread => ($"thread {thread.Json.GetProperty("tid")}", thread.Stack))
            .Concat(report.Tasks.Select(task => ($"goroutine {task.Json.GetProperty("id")}", task.Stack)))
            .ToDictionary(item => item.Item1, item => item.Stack.ToString());
}
