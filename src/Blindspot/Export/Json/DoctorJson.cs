using System.Text.Json;
using Blindspot.Analysis.Doctor;

namespace Blindspot.Export.Json;

/// <summary>Writes a report as JSON, schema <c>blindspot.doctor/1</c> (docs/formats/doctor.md).</summary>
public sealed class DoctorJson
{
    public const string Schema = "blindspot.doctor/1";

    private readonly Utf8JsonWriter _writer;
    private readonly JsonFields _json;

    private DoctorJson(Utf8JsonWriter writer, JsonFields json)
    {
        _writer = writer;
        _json = json;
    }

    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the document.</exception>
    public static void Write(DoctorReport report, Stream output, CancellationToken cancel = default) =>
        JsonDocumentOutput.Write(output, (writer, json) => new DoctorJson(writer, json).WriteDocument(report), cancel);

    private void WriteDocument(DoctorReport report)
    {
        _writer.WriteStartObject();
        _json.Text("schema"u8, Schema);
        ReportParts.WriteTarget(_writer, _json, report.Target);
        _json.Number("intervalMs"u8, report.Interval.TotalMilliseconds);
        _json.Each("findings"u8, report.Findings, WriteFinding);
        _json.Each("profiles"u8, report.Profiles, profile =>
        {
            _json.Text("name"u8, profile.Name);
            _json.Text("trust"u8, FindingWords.Of(profile.Trust));
            _json.Text("reason"u8, profile.Reason);
        });
        _json.Each("checked"u8, report.Checked, rule =>
        {
            _json.Text("rule"u8, rule.Id);
            _json.Text("title"u8, rule.Title);
            _json.Number("findings"u8, rule.Missing is null ? rule.Findings : (long?)null);
            _json.Text("missing"u8, rule.Missing);
        });
        ReportParts.WriteGaps(_json, report.Gaps);
        _writer.WriteEndObject();
    }

    private void WriteFinding(Finding finding)
    {
        _json.Text("rule"u8, finding.Rule);
        _json.Text("severity"u8, FindingWords.Of(finding.Severity));
        _json.Text("certainty"u8, FindingWords.Of(finding.Certainty));
        _json.Text("title"u8, finding.Title);
        _json.Text("consequence"u8, finding.Consequence);
        if (finding.Culprit is { } culprit)
        {
            _writer.WriteStartObject("culprit"u8);
            if (culprit.Code is { } code)
            {
                ReportParts.WritePlace(_json, code);
            }
            else
            {
                ReportParts.WriteNoPlace(_json);
            }

            _json.Number("thread"u8, culprit.Thread);
            _json.Number("task"u8, culprit.Task);
            _writer.WriteEndObject();
        }
        else
        {
            _writer.WriteNull("culprit"u8);
        }

        _json.Each("evidence"u8, finding.Evidence, evidence =>
        {
            _json.Text("what"u8, evidence.What);
            _json.Text("value"u8, evidence.Value);
            _json.Text("source"u8, evidence.Source);
        });
        _json.Text("advice"u8, finding.Advice);
    }
}
