using System.Text.Json;

namespace Blindspot.LiveTests.Support;

/// <summary>What <c>blindspot doctor --json</c> wrote, read the way a user's script would.</summary>
internal sealed class DoctorJson
{
    private DoctorJson(JsonElement root) => Findings = [.. root.GetProperty("findings").EnumerateArray().Select(Finding.Of)];

    /// <summary>The worst first.</summary>
    public IReadOnlyList<Finding> Findings { get; }

    public static DoctorJson Capture(string target, params string[] options)
    {
        ToolRun run = ToolRun.Blindspot(["doctor", target, "--json", .. options]);
        return run.Output.StartsWith('{')
            ? new DoctorJson(JsonDocument.Parse(run.Output).RootElement)
            : throw new InvalidOperationException($"blindspot doctor {target} {string.Join(' ', options)}: exit {run.ExitCode}: {run.Error}");
    }

    /// <param name="Culprit">Null where the finding has none.</param>
    internal sealed record Finding(string Rule, string Severity, string Title, JsonElement? Culprit, JsonElement Json)
    {
        public static Finding Of(JsonElement json) => new(
            json.GetProperty("rule").GetString()!,
            json.GetProperty("severity").GetString()!,
            json.GetProperty("title").GetString()!,
            json.GetProperty("culprit") is { ValueKind: JsonValueKind.Object } culprit ? culprit : null,
            json);

        public override string ToString() => $"{Rule} {Severity}: {Title} by {Culprit?.ToString() ?? "nobody"}";
    }
}
