using System.Text.Json;

namespace Blindspot.LiveTests.Support;

/// <summary>The truth beside a specimen (expected.json), and the comparison of a report with it.</summary>
internal sealed class ExpectedStacks
{
    private readonly JsonElement _root;
    private readonly IReadOnlyList<JsonElement> _stacks;
    private readonly bool _hasNativeSymbols;

    private ExpectedStacks(JsonElement root, IReadOnlyList<JsonElement> stacks, bool hasNativeSymbols)
    {
        _root = root;
        _stacks = stacks;
        _hasNativeSymbols = hasNativeSymbols;
    }

    public IReadOnlyList<string> Builds => [.. _root.GetProperty("builds").EnumerateArray().Select(b => b.GetString()!)];

    /// <summary>Why the specimen can't be built as the kinds that <see cref="Builds"/> leaves out.</summary>
    public string WhyNotBuilt => _root.TryGetProperty("notBuilt", out JsonElement why) ? why.GetString()! : "no reason is given";

    public bool IsSettled => _root.TryGetProperty("settled", out JsonElement settled) && settled.GetBoolean();

    public IReadOnlyList<string> Arguments =>
        _root.TryGetProperty("args", out JsonElement arguments) ? [.. arguments.EnumerateArray().Select(a => a.GetString()!)] : [];

    public int TimeoutSeconds => _root.TryGetProperty("timeoutSeconds", out JsonElement seconds) ? seconds.GetInt32() : 30;

    /// <param name="kind">How it is built (specimens/build): some kinds change what is to be seen.</param>
    public static ExpectedStacks Of(string specimen, string kind = "exe")
    {
        JsonElement root = JsonDocument.Parse(File.ReadAllText(Repository.InRoot("specimens", specimen, "expected.json"))).RootElement;
        var build = new BuildKind(kind);
        return new ExpectedStacks(root, build.Adapt(specimen, root.GetProperty("stacks")), build.HasNativeSymbols);
    }

    /// <summary>What of it the report shows, and everything that differs.</summary>
    public ExpectedFindings Compare(StacksJson report)
    {
        var wrong = new List<string>();
        int foundStacks = 0;
        int foundFrames = 0;
        int allFrames = 0;
        CheckAtLeast(report.Threads.Count, "threads", wrong);
        CheckAtLeast(report.Tasks.Count(task => !task.Json.GetProperty("system").GetBoolean()), "tasks", wrong);
        foreach (JsonElement expected in _stacks)
        {
            IReadOnlyList<StacksJson.Item> items = expected.GetProperty("of").GetString() == "thread" ? report.Threads : report.Tasks;
            int found = items.Count(item => Matches(expected, item));
            int count = expected.GetProperty("count").GetInt32();
            int frames = expected.GetProperty("frames").GetArrayLength();
            allFrames += frames;

            // Without names of threads and of C functions one such stack looks like another.
            bool isBlurred = !_hasNativeSymbols && report.Root.GetProperty("target").GetProperty("core").ValueKind == JsonValueKind.String;
            bool atLeast = isBlurred || (expected.TryGetProperty("atLeast", out JsonElement least) && least.GetBoolean());
            if (atLeast ? found >= count : found == count)
            {
                foundStacks++;
                foundFrames += frames;
                continue;
            }

            foundFrames += found >= count ? frames : items.Select(item => FramesFound(expected, item)).DefaultIfEmpty().Max();
            wrong.Add($"'{expected.GetProperty("name").GetString()}': {found} stacks instead of {(atLeast ? "at least " : "")}{count}; wanted {expected}");
        }

        return new ExpectedFindings(foundStacks, _stacks.Count, foundFrames, allFrames, wrong);
    }

    private void CheckAtLeast(int seen, string what, List<string> wrong)
    {
        if (_root.TryGetProperty(what, out JsonElement bound) && bound.TryGetProperty("atLeast", out JsonElement least) && seen < least.GetInt32())
        {
            wrong.Add($"{seen} {what} instead of at least {least.GetInt32()}");
        }
    }

    private bool Matches(JsonElement expected, StacksJson.Item item)
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

        return item.Stack.End == "complete" && FramesFound(expected, item) == expected.GetProperty("frames").GetArrayLength();
    }

    /// <summary>How many of the expected frames are in a stack, from the leaf on, in their order.</summary>
    private int FramesFound(JsonElement expected, StacksJson.Item item)
    {
        int found = 0;
        int at = 0;
        foreach (JsonElement frame in expected.GetProperty("frames").EnumerateArray())
        {
            string function = frame.GetProperty("function").GetString()!;
            string language = frame.GetProperty("language").GetString()!;
            bool byName = language == "go" || _hasNativeSymbols;
            while (at < item.Stack.Frames.Count
                && !(byName ? item.Stack.Frames[at].Function == function : item.Stack.Frames[at].Language != "go"))
            {
                at++;
            }

            if (at++ >= item.Stack.Frames.Count)
            {
                return found;
            }

            found++;
        }

        return found;
    }
}
