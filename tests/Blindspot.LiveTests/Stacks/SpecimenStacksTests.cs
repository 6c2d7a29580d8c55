using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Stacks;

/// <summary>Every specimen, as its author described it: all stacks complete, the expected frames found, in each way of reading.</summary>
public sealed class SpecimenStacksTests
{
    public static IEnumerable<TheoryDataRow<string, string, string>> Matrix()
    {
        foreach (string folder in Directory.EnumerateDirectories(Repository.InRoot("specimens")).Order())
        {
            string specimen = Path.GetFileName(folder);
            if (!File.Exists(Path.Combine(folder, "expected.json")))
            {
                continue;
            }

            bool isGo = Directory.EnumerateFiles(folder, "*.go").Any();
            foreach (string kind in ExpectedStacks.Of(specimen).Builds)
            {
                foreach (string go in isGo ? (string[])["1.19", "1.27"] : ["1.27"])
                {
                    yield return new TheoryDataRow<string, string, string>(specimen, go, kind);
                }
            }
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
        foreach (string[] options in (string[][])[["--how", "watch"], ["--how", "watch", "--exact"], ["--how", "proc"], ["--how", "stop"]])
        {
            StacksJson report = StacksJson.Capture($"{process.Pid}", options);
            Check(string.Join(' ', options), report);
        }

        if (expected.IsSettled)
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

            if (differences.Count > 0)
            {
                wrong.Add($"--- {how}\n{string.Join("\n", differences)}\ngaps: {report.Gaps}");
            }
        }
    }
}
