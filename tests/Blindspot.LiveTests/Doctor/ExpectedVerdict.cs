using System.Text.Json;
using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Doctor;

/// <summary>What a specimen's verdict.json says the doctor must find in it, or in one of its modes.</summary>
internal sealed class ExpectedVerdict
{
    private readonly JsonElement _first;

    private ExpectedVerdict(JsonElement verdict) => _first = verdict.GetProperty("first");

    /// <summary>Each specimen that has a verdict, with the mode that it is about ("" for a specimen without modes).</summary>
    public static IEnumerable<(string Specimen, string Mode)> All()
    {
        foreach (string folder in Directory.EnumerateDirectories(Repository.InRoot("specimens")).Order(StringComparer.Ordinal))
        {
            if (File.Exists(Path.Combine(folder, "verdict.json")))
            {
                string specimen = Path.GetFileName(folder);
                foreach (string mode in Read(specimen).TryGetProperty("modes", out JsonElement modes) ? modes.EnumerateObject().Select(static one => one.Name) : [""])
                {
                    yield return (specimen, mode);
                }
            }
        }
    }

    public static ExpectedVerdict Of(string specimen, string mode) =>
        new(mode.Length == 0 ? Read(specimen) : Read(specimen).GetProperty("modes").GetProperty(mode));

    /// <summary>What is wrong with what was found; null if nothing is.</summary>
    public string? Compare(DoctorJson report, bool hasSymbols)
    {
        string found = string.Join("\n", report.Findings);
        if (_first.ValueKind == JsonValueKind.Null)
        {
            return report.Findings.All(static finding => finding.Severity == "info") ? null : $"nothing above info was to be found:\n{found}";
        }

        if (report.Findings is not [{ } first, ..] || first.Rule != _first.GetProperty("rule").GetString() || first.Severity != _first.GetProperty("severity").GetString())
        {
            return $"{_first} was to come first:\n{found}";
        }

        return _first.TryGetProperty("culprit", out JsonElement culprit) && !IsCulprit(culprit, first.Culprit, hasSymbols) ? $"{_first} has another culprit:\n{found}" : null;
    }

    // Without symbols C's functions have no names, and a caller of theirs in Go may stand for them.
    private static bool IsCulprit(JsonElement wanted, JsonElement? found, bool hasSymbols) => wanted.ValueKind == JsonValueKind.Null
        ? found is null
        : found is { } culprit && wanted.EnumerateObject().All(field =>
            field.Value.GetString() == culprit.GetProperty(field.Name).GetString()
            || (!hasSymbols && field.Name == "function" && !field.Value.GetString()!.StartsWith("main.", StringComparison.Ordinal)));

    private static JsonElement Read(string specimen) =>
        JsonDocument.Parse(File.ReadAllText(Repository.InRoot("specimens", specimen, "verdict.json"))).RootElement;
}
