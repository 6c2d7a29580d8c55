using System.Text.Json;
using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Signals;

/// <summary>What specimens/signal-abuse/truth.json says of one mode.</summary>
internal sealed class AbuseTruth
{
    private static readonly JsonElement s_root =
        JsonDocument.Parse(File.ReadAllText(Repository.InRoot("specimens", "signal-abuse", "truth.json"))).RootElement;

    private AbuseTruth(string mode, JsonElement json)
    {
        Mode = mode;
        Wrong = [.. json.GetProperty("signals").EnumerateArray().Select(WrongSignal.Of)];
        Shows = [.. json.GetProperty("shows").EnumerateObject().Select(show => (show.Name, show.Value.GetString()!))];
        AnySignal = json.TryGetProperty("anySignal", out JsonElement any) && any.GetBoolean();
    }

    public static IReadOnlyList<string> Builds { get; } = [.. s_root.GetProperty("builds").EnumerateArray().Select(kind => kind.GetString()!)];

    public static IReadOnlyList<string> Modes { get; } = [.. s_root.GetProperty("modes").EnumerateObject().Select(mode => mode.Name)];

    public string Mode { get; }

    public IReadOnlyList<WrongSignal> Wrong { get; }

    /// <summary>Whether other signals may have the same verdict, since it is a thread's altstack that is wrong.</summary>
    public bool AnySignal { get; }

    /// <summary>What Go shows on which command.</summary>
    public IReadOnlyList<(string Command, string Consequence)> Shows { get; }

    public static AbuseTruth Of(string mode) => new(mode, s_root.GetProperty("modes").GetProperty(mode));

    internal sealed record Place(string Module, string Function)
    {
        public static Place? Of(JsonElement json) =>
            json.ValueKind == JsonValueKind.Null ? null : new(json.GetProperty("module").GetString()!, json.GetProperty("function").GetString()!);
    }

    /// <param name="OrUnknown">"unknown" is an honest answer, too.</param>
    /// <param name="Thread">The name of the thread in which alone it is wrong.</param>
    internal sealed record WrongSignal(int Number, string Name, string Verdict, bool OrUnknown, string? Thread, Place? Handler, Place? Culprit)
    {
        public static WrongSignal Of(JsonElement json) => new(
            json.GetProperty("number").GetInt32(),
            json.GetProperty("name").GetString()!,
            json.GetProperty("verdict").GetString()!,
            json.TryGetProperty("orUnknown", out JsonElement unknown) && unknown.GetBoolean(),
            json.TryGetProperty("thread", out JsonElement thread) ? thread.GetString() : null,
            Place.Of(json.GetProperty("handler")),
            Place.Of(json.GetProperty("culprit")));
    }
}
