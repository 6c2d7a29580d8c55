using System.Text.Json;

namespace Blindspot.LiveTests.Support;

/// <summary>The truth beside a specimen (expected.json), and the comparison of a report with it.</summary>
internal sealed class ExpectedStacks
{
    private readonly JsonElement _root;

    private ExpectedStacks(JsonElement root) => _root = root;

    public IReadOnlyList<string> Builds => [.. _root.GetProperty("builds").EnumerateArray().Select(b => b.GetString()!)];

    public bool IsSettled => _root.TryGetProperty("settled", out JsonElement settled) && settled.GetBoolean();

    public IReadOnlyList<string> Arguments =>
        _root.TryGetProperty("args", out JsonElement arguments) ? [.. arguments.EnumerateArray().Select(a => a.GetString()!)] : [];

    public int TimeoutSeconds => _root.TryGetProperty("timeoutSeconds", out JsonElement seconds) ? seconds.GetInt32() : 30;

    public static ExpectedStacks Of(string specimen) =>
        new(JsonDocument.Parse(File.ReadAllText(Repository.InRoot("specimens", specimen, "expected.json"))).RootElement);

    /// <summary>Everything in the report that differs from what is expected; empty when all is there.</summary>
    /// <param name="report">What the tool said.</param>
    /// <param name="hasNativeSymbols">False for stripped builds, where C functions of the executable have no name.</param>
    public List<string> Compare(StacksJson report, bool hasNativeSymbols)
    {
        var wrong = new List<string>();
        CheckAtLeast(report.Threads.Count, "threads", wrong);
        CheckAtLeast(report.Tasks.Count(task => !task.Json.GetProperty("system").GetBoolean()), "tasks", wrong);
        foreach (JsonElement expected in _root.GetProperty("stacks").EnumerateArray())
        {
            IReadOnlyList<StacksJson.Item> items = expected.GetProperty("of").GetString() == "thread" ? report.Threads : report.Tasks;
            int found = items.Count(item => Matches(expected, item, hasNativeSymbols));
            int count = expected.GetProperty("count").GetInt32();

            // Without names of threads and of C functions one such stack looks like another.
            bool isBlurred = !hasNativeSymbols && report.Root.GetProperty("target").GetProperty("core").ValueKind == JsonValueKind.String;
            bool atLeast = isBlurred || (expected.TryGetProperty("atLeast", out JsonElement least) && least.GetBoolean());
            if (atLeast ? found < count : found != count)
            {
                wrong.Add($"'{expected.GetProperty("name").GetString()}': {found} stacks instead of {(atLeast ? "at least " : "")}{count}; wanted {expected}");
            }
        }

        return wrong;
    }

    private void CheckAtLeast(int seen, string what, List<string> wrong)
    {
        if (_root.TryGetProperty(what, out JsonElement bound) && bound.TryGetProperty("atLeast", out JsonElement least) && seen < least.GetInt32())
        {
            wrong.Add($"{seen} {what} instead of at least {least.GetInt32()}");
        }
    }

    private static bool Matches(JsonElement expected, StacksJson.Item item, bool hasNativeSymbols)
    {
        foreach (string field in (string[])["status", "waitReason"])
        {
            if (expected.TryGetProperty(field, out JsonElement wanted) && !wanted.GetString()!.Split('|').Contains(item.Text(field)))
            {
                return false;
            }
        }

        if (expected.TryGetProperty("createdBy", out JsonElement creator)
            && !(item.Json.GetProperty("createdBy") is { ValueKind: JsonValueKind.Object } by && by.GetProperty("function").GetString() == creator.GetString()))
        {
            return false;
        }

        if (expected.TryGetProperty("thread", out JsonElement thread) && thread.GetString() != item.Text("name") && item.Text("name") != "")
        {
            // A core has no names of threads.
            return false;
        }

        if (expected.TryGetProperty("kind", out JsonElement kind) && kind.GetString() != item.Text("kind"))
        {
            return false;
        }

        if (expected.TryGetProperty("locked", out JsonElement locked)
            && locked.GetBoolean() != (item.Json.GetProperty("lockedThread").ValueKind == JsonValueKind.Number))
        {
            return false;
        }

        if (expected.TryGetProperty("labels", out JsonElement labels)
            && !JsonElement.DeepEquals(labels, item.Json.GetProperty("labels")))
        {
            return false;
        }

        if (item.Stack.End != "complete")
        {
            return false;
        }

        int at = 0;
        foreach (JsonElement frame in expected.GetProperty("frames").EnumerateArray())
        {
            string function = frame.GetProperty("function").GetString()!;
            string language = frame.GetProperty("language").GetString()!;
            bool byName = language == "go" || hasNativeSymbols;
            while (at < item.Stack.Frames.Count
                && !(byName ? item.Stack.Frames[at].Function == function : item.Stack.Frames[at].Language != "go"))
            {
                at++;
            }

            if (at++ >= item.Stack.Frames.Count)
            {
                return false;
            }
        }

        return true;
    }
}
