using System.Text.Json;

namespace Blindspot.LiveTests.Support;

/// <summary>What <c>blindspot stacks --json</c> wrote, read the way a user's script would.</summary>
internal sealed class StacksJson
{
    private StacksJson(JsonElement root)
    {
        Root = root;
        JsonElement[] frames = [.. root.GetProperty("frames").EnumerateArray()];
        var stacks = new List<Stack>();
        foreach (JsonElement stack in root.GetProperty("stacks").EnumerateArray())
        {
            stacks.Add(new Stack(
                stack.GetProperty("end").GetString()!,
                [.. stack.GetProperty("frames").EnumerateArray().Select(i => Frame.Of(frames[i.GetInt32()]))]));
        }

        Stacks = stacks;
        Threads = [.. root.GetProperty("threads").EnumerateArray().Select(t => new Item(t, stacks[t.GetProperty("stack").GetInt32()]))];
        Tasks = [.. root.GetProperty("tasks").EnumerateArray().Select(t => new Item(t, stacks[t.GetProperty("stack").GetInt32()]))];
    }

    public JsonElement Root { get; }

    public IReadOnlyList<Stack> Stacks { get; }

    public IReadOnlyList<Item> Threads { get; }

    public IReadOnlyList<Item> Tasks { get; }

    public string How => Root.GetProperty("target").GetProperty("snapshot").GetProperty("how").GetString()!;

    public IReadOnlyList<string> GapKinds => [.. Root.GetProperty("gaps").EnumerateArray().Select(g => g.GetProperty("kind").GetString()!)];

    /// <summary>Stacks that are not whole, with their threads and tasks; empty when all are.</summary>
    public string Incomplete => string.Join("\n", Threads.Concat(Tasks).Where(item => item.Stack.End != "complete").Select(item => $"{item.Json}\n{item.Stack}"));

    public string Gaps => string.Join("\n", Root.GetProperty("gaps").EnumerateArray().Select(g => g.GetProperty("message").GetString()));

    public static StacksJson Capture(string target, params string[] options) =>
        Of(ToolRun.Blindspot(["stacks", target, "--json", .. options]), $"blindspot stacks {target} {string.Join(' ', options)}");

    /// <param name="run">A run with --json.</param>
    /// <param name="what">The command, for messages.</param>
    public static StacksJson Of(ToolRun run, string what)
    {
        return run.ExitCode == 0
            ? Parse(run.Output)
            : throw new InvalidOperationException($"{what}: exit {run.ExitCode}: {run.Error}");
    }

    public static StacksJson Parse(string json) => new(JsonDocument.Parse(json).RootElement);

    internal sealed record Frame(string? Function, string Language, string? Module, string? File, int? Line)
    {
        public static Frame Of(JsonElement e) => new(
            e.GetProperty("function").GetString(),
            e.GetProperty("language").GetString()!,
            e.GetProperty("module").GetString(),
            e.GetProperty("file").GetString(),
            e.GetProperty("line").ValueKind == JsonValueKind.Number ? e.GetProperty("line").GetInt32() : null);

        public override string ToString() => $"{Language} {Function ?? "?"} {File}:{Line} [{Module}]";
    }

    internal sealed record Stack(string End, IReadOnlyList<Frame> Frames)
    {
        public override string ToString() => $"  {string.Join("\n  ", Frames)}\n  end: {End}";
    }

    internal sealed record Item(JsonElement Json, Stack Stack)
    {
        public string? Text(string name) => Json.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
