using System.Text.Json;
using Blindspot.Analysis.Profiles;

namespace Blindspot.Export.Json;

/// <summary>Writes what was found in a profile as JSON, schema <c>blindspot.pprof/1</c> (docs/formats/pprof.md).</summary>
public sealed class PprofJson
{
    public const string Schema = "blindspot.pprof/1";

    private readonly Utf8JsonWriter _writer;
    private readonly JsonFields _json;

    private PprofJson(Utf8JsonWriter writer, JsonFields json)
    {
        _writer = writer;
        _json = json;
    }

    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the document.</exception>
    public static void Write(PprofReport report, Stream output, CancellationToken cancel = default) =>
        JsonDocumentOutput.Write(output, (writer, json) => new PprofJson(writer, json).WriteDocument(report), cancel);

    private void WriteDocument(PprofReport report)
    {
        Profile profile = report.Profile;
        _writer.WriteStartObject();
        _json.Text("schema"u8, Schema);
        _json.Texts("sources"u8, report.Sources);
        _json.Each("valueTypes"u8, profile.ValueTypes, WriteValueType);
        _json.Number("value"u8, report.Value);
        _json.Number("samples"u8, profile.Samples.Count);
        _json.Text("time"u8, profile.Time?.UtcDateTime.ToString("O"));
        _json.Number("durationSeconds"u8, profile.Duration?.TotalSeconds);
        _json.Number("period"u8, profile.Period == 0 ? null : profile.Period);
        WriteBlindness(report.Blindness);
        _json.Number("namedLocations"u8, report.NamedLocations);
        _json.Number("namelessLocations"u8, report.NamelessLocations);
        _json.Each("functions"u8, ProfileCosts.Of(profile, report.Value), cost =>
        {
            _json.Text("function"u8, cost.Name);
            _json.Text("file"u8, cost.File.Length > 0 ? cost.File : null);
            _json.Number("flat"u8, cost.Flat);
            _json.Number("cum"u8, cost.Cumulative);
        });
        ReportParts.WriteGaps(_json, report.Gaps);
        _writer.WriteEndObject();
    }

    private void WriteValueType(ProfileValueType type)
    {
        _json.Text("type"u8, type.Type);
        _json.Text("unit"u8, type.Unit);
    }

    private void WriteBlindness(ProfileBlindness blindness)
    {
        _writer.WriteStartObject("blindness"u8);
        _json.Number("total"u8, blindness.Total);
        _json.Number("cgocall"u8, blindness.InCgocall);
        _json.Number("externalCode"u8, blindness.External);
        _json.Number("lostExternalCode"u8, blindness.LostExternal);
        _json.Number("nameless"u8, blindness.Nameless);
        _json.Number("cores"u8, blindness.Cores);
        _json.Each("namelessModules"u8, blindness.NamelessModules, module =>
        {
            _json.Text("name"u8, module.Name);
            _json.Text("buildId"u8, module.BuildId.Length > 0 ? module.BuildId : null);
            _json.Number("cost"u8, module.Cost);
        });
        _json.Each("findings"u8, blindness.Findings, finding =>
        {
            _json.Text("rule"u8, finding.Rule);
            _json.Text("severity"u8, FindingWords.Of(finding.Severity));
            _json.Text("means"u8, finding.Means);
            _json.Text("advice"u8, finding.Advice);
        });
        _writer.WriteEndObject();
    }
}
