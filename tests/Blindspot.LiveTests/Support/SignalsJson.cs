using System.Text.Json;

namespace Blindspot.LiveTests.Support;

/// <summary>What <c>blindspot signals --json</c> wrote, read the way a user's script would.</summary>
internal sealed class SignalsJson
{
    private SignalsJson(JsonElement root)
    {
        Root = root;
        Signals = [.. root.GetProperty("signals").EnumerateArray().Select(Signal.Of)];
        Threads = [.. root.GetProperty("threads").EnumerateArray()];
    }

    public JsonElement Root { get; }

    public IReadOnlyList<Signal> Signals { get; }

    public IReadOnlyList<JsonElement> Threads { get; }

    /// <summary>The timers of setitimer(2); null where they could not be read.</summary>
    public IReadOnlyList<JsonElement>? IntervalTimers =>
        Root.GetProperty("intervalTimers") is { ValueKind: JsonValueKind.Array } timers ? [.. timers.EnumerateArray()] : null;

    public string Gaps => string.Join("\n", Root.GetProperty("gaps").EnumerateArray().Select(gap => gap.GetProperty("message").GetString()));

    public static SignalsJson Capture(string target, params string[] options)
    {
        ToolRun run = ToolRun.Blindspot(["signals", target, "--json", .. options]);
        return run.ExitCode == 0
            ? new SignalsJson(JsonDocument.Parse(run.Output).RootElement)
            : throw new InvalidOperationException($"blindspot signals {target} {string.Join(' ', options)}: exit {run.ExitCode}: {run.Error}");
    }

    public JsonElement ThreadNamed(string name) => Threads.Single(thread => thread.GetProperty("name").GetString() == name);

    public string NameOf(int tid) => Threads.Single(thread => thread.GetProperty("tid").GetInt32() == tid).GetProperty("name").GetString()!;

    /// <param name="Module">The file's name, without its folder.</param>
    internal sealed record Place(string? Module, string? Function)
    {
        public static Place? Of(JsonElement json) => json.ValueKind == JsonValueKind.Null
            ? null
            : new(Path.GetFileName(json.GetProperty("module").GetString()), json.GetProperty("function").GetString());
    }

    internal sealed record Signal(
        int Number, string Name, string Verdict, string Certainty, string? Consequence, Place? Handler, Place? Culprit, IReadOnlyList<int> Threads, JsonElement Json)
    {
        public static Signal Of(JsonElement json) => new(
            json.GetProperty("number").GetInt32(),
            json.GetProperty("name").GetString()!,
            json.GetProperty("verdict").GetString()!,
            json.GetProperty("certainty").GetString()!,
            json.GetProperty("consequence").GetString(),
            Place.Of(json.GetProperty("handler")),
            Place.Of(json.GetProperty("culprit")),
            [.. json.GetProperty("threads").EnumerateArray().Select(tid => tid.GetInt32())],
            json);
    }
}
