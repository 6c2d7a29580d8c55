using System.Text.Json;
using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Machines;

/// <summary>
/// Specimens on Debian's kernels from the oldest to the newest, each booted in an emulator, also without what BPF needs.
/// <c>./dev kernels</c> runs it.
/// </summary>
public sealed class KernelTests
{
    private static readonly string[] Specimens = ["crossed-deadlock", "deep-c"];

    public static IEnumerable<TheoryDataRow<string>> Kernels() => BootedKernel.Known.Select(kernel => new TheoryDataRow<string>(kernel));

    [Theory(Explicit = true)]
    [MemberData(nameof(Kernels))]
    public void Stacks_are_whole_on_kernel(string version)
    {
        BootedKernel kernel = BootedKernel.Boot(version, Specimens);
        var wrong = new List<string>();
        var rows = new List<string>();
        foreach ((string limit, string? reason) in (IEnumerable<(string, string?)>)[
            ("plain", null),
            ("nobtf", "/sys/kernel/btf/vmlinux"),
            ("lockdown", "locked down to confidentiality")])
        {
            rows.Add(Row(
                kernel.Release,
                limit,
                reason,
                Look("watch", reason is null ? "watch" : "proc", reason),
                Look("exact", reason is null ? "watch" : "proc", reason),
                Look("proc", "proc", null),
                Look("stop", "stop", null)));

            string Look(string way, string how, string? gap)
            {
                int whole = 0;
                int all = 0;
                foreach (string specimen in Specimens)
                {
                    StacksJson report = kernel.Report(specimen, limit, way);
                    List<string> differences = Differences(report, specimen, how, gap);
                    wrong.AddRange(differences.Select(difference => $"{specimen}, {limit}, {way}: {difference}\ngaps: {report.Gaps}"));
                    JsonElement quality = report.Root.GetProperty("quality");
                    whole += quality.GetProperty("complete").GetInt32();
                    all += quality.GetProperty("stacks").GetInt32();
                }

                return $"{how}: {whole} of {all}";
            }
        }

        // What tells right registers from plausible ones: the same frames, at the same addresses, found in the same way.
        foreach (string specimen in Specimens)
        {
            Dictionary<int, string> watched = FramesByThread(kernel.Report(specimen, "plain", "watch"));
            Dictionary<int, string> stopped = FramesByThread(kernel.Report(specimen, "plain", "stop"));
            wrong.AddRange(watched.Keys.Union(stopped.Keys)
                .Where(tid => watched.GetValueOrDefault(tid) != stopped.GetValueOrDefault(tid))
                .Select(tid => $"{specimen}, thread {tid} watched:\n{watched.GetValueOrDefault(tid)}\nstopped:\n{stopped.GetValueOrDefault(tid)}"));
        }

        kernel.WriteTable(rows);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static List<string> Differences(StacksJson report, string specimen, string how, string? gap)
    {
        List<string> wrong = ExpectedStacks.Of(specimen).Compare(report).Differences;
        wrong.AddRange(report.Stacks.Where(stack => stack.End != "complete").Select(stack => $"incomplete:\n{stack}"));
        string seen = report.Root.GetProperty("target").GetProperty("snapshot").GetProperty("how").GetString()!;
        if (seen != how)
        {
            wrong.Add($"read by {seen}, not by {how}");
        }

        JsonElement[] gaps = [.. report.Root.GetProperty("gaps").EnumerateArray().Where(g => g.GetProperty("stage").GetString() == "target")];
        bool isTold = gap is null
            ? gaps.Length == 0
            : gaps.Length == 1 && gaps[0].GetProperty("kind").GetString() == "watch-unavailable" && report.Gaps.Contains(gap, StringComparison.Ordinal);
        if (!isTold)
        {
            wrong.Add(gap is null ? "a gap where there should be none" : $"no gap that says '{gap}', or further ones");
        }

        return wrong;
    }

    private static Dictionary<int, string> FramesByThread(StacksJson report)
    {
        JsonElement[] frames = [.. report.Root.GetProperty("frames").EnumerateArray()];
        JsonElement[] stacks = [.. report.Root.GetProperty("stacks").EnumerateArray()];
        return report.Threads.ToDictionary(
            thread => thread.Json.GetProperty("tid").GetInt32(),
            thread => string.Join('\n', stacks[thread.Json.GetProperty("stack").GetInt32()].GetProperty("frames").EnumerateArray()
                .Select(index => frames[index.GetInt32()])
                .Select(frame => $"{frame.GetProperty("address")} {frame.GetProperty("function")} {frame.GetProperty("foundBy")}")));
    }

    private static string Row(string release, string limit, string? reason, params string[] cells) =>
        $"| {release} | {limit switch { "nobtf" => "no BTF", "lockdown" => "lockdown", _ => "" }} | {string.Join(" | ", cells)} | {(reason is null ? "" : "`watch-unavailable`")} |";
}
