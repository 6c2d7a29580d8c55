namespace Blindspot.LiveTests.Support;

/// <summary>Looks at a running specimen in every way there is, and says what differs from what is expected.</summary>
internal static class SpecimenReading
{
    private static readonly (string Tier, string[] Options)[] s_settled =
        [("watch", []), ("watch --exact", ["--exact"]), ("proc", ["--how", "proc"]), ("stop", ["--how", "stop"])];

    // Of a thread that runs nothing is sure without a stop, and /proc tells nothing at all.
    private static readonly (string Tier, string[] Options)[] s_moving =
        [("watch", []), ("watch --exact", ["--exact"]), ("proc", ["--how", "proc", "--exact"]), ("stop", ["--how", "stop"])];

    public static List<TierReading> ReadAll(Specimen process, ExpectedStacks expected)
    {
        var readings = new List<TierReading>();
        Dictionary<string, string>? first = null;
        foreach ((string tier, string[] options) in expected.IsSettled ? s_settled : s_moving)
        {
            readings.Add(Read(tier, StacksJson.Capture($"{process.Pid}", options), expected, ref first));
        }

        string core = Path.Combine(Path.GetTempPath(), $"blindspot-test-{process.Pid}");
        try
        {
            ToolRun gcore = ToolRun.Start("gcore", ["-o", core, $"{process.Pid}"]);
            if (gcore.ExitCode != 0)
            {
                throw new InvalidOperationException($"gcore {process.Pid}: {gcore.Error}");
            }

            readings.Add(Read("core", StacksJson.Capture($"{core}.{process.Pid}", "--exe", process.Path), expected, ref first));
        }
        finally
        {
            File.Delete($"{core}.{process.Pid}");
        }

        return readings;
    }

    private static TierReading Read(string tier, StacksJson report, ExpectedStacks expected, ref Dictionary<string, string>? first)
    {
        ExpectedFindings findings = expected.Compare(report);
        StacksJson.Item[] all = [.. report.Threads, .. report.Tasks];
        int complete = all.Count(item => item.Stack.End == "complete");
        if (!expected.IsSettled && tier == "watch")
        {
            return new TierReading(tier, complete, all.Length, findings, NotToldAsTorn(report));
        }

        List<string> differences = [.. findings.Differences];
        if (expected.IsSettled)
        {
            differences.AddRange(all
                .Where(item => item.Stack.End != "complete")
                .Select(item => $"incomplete: {item.Json}\n{item.Stack}"));

            // Nothing moved, so that every way of reading must see the same, frame by frame.
            Dictionary<string, string> seen = Signatures(report);
            Dictionary<string, string> other = first ??= seen;
            differences.AddRange(other.Keys.Union(seen.Keys)
                .Where(key => other.GetValueOrDefault(key) != seen.GetValueOrDefault(key))
                .Select(key => $"{key} differs from the first way of reading:\n{other.GetValueOrDefault(key)}\n  now:\n{seen.GetValueOrDefault(key)}"));
        }

        if (differences.Count > 0)
        {
            differences.Add($"gaps: {report.Gaps}");
        }

        return new TierReading(tier, complete, all.Length, findings, differences);
    }

    private static List<string> NotToldAsTorn(StacksJson report) =>
    [
        .. report.Threads
            .Where(thread => thread.Stack.End != "complete" && thread.Text("consistency") != "possibly-torn")
            .Select(thread => $"incomplete, and not told as possibly torn: {thread.Json}\n{thread.Stack}"),
    ];

    private static Dictionary<string, string> Signatures(StacksJson report) =>
        report.Threads.Select(thread => ($"thread {thread.Json.GetProperty("tid")}", thread.Stack))
            .Concat(report.Tasks.Select(task => ($"goroutine {task.Json.GetProperty("id")} {task.Text("runtime")}", task.Stack)))
            .ToDictionary(item => item.Item1, item => item.Stack.ToString());
}
