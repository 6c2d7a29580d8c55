using System.Text.Json;
using Blindspot.Analysis;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;

namespace Blindspot.Export.Json;

/// <summary>What the documents of all commands have in common.</summary>
internal static class ReportParts
{
    public static void WriteTarget(Utf8JsonWriter writer, JsonFields json, TargetDescription target)
    {
        writer.WriteStartObject("target"u8);
        json.Number("pid"u8, target.Pid);
        json.Text("executable"u8, target.Executable);
        json.Text("core"u8, target.Core);
        if (target.RuntimeKind is null)
        {
            writer.WriteNull("runtime"u8);
        }
        else
        {
            writer.WriteStartObject("runtime"u8);
            json.Text("kind"u8, target.RuntimeKind);
            json.Text("version"u8, target.RuntimeVersion);
            writer.WriteEndObject();
        }

        writer.WriteStartObject("snapshot"u8);
        json.Text("how"u8, target.Capture.How);
        writer.WriteNumber("threadsStopped"u8, target.Capture.ThreadsStopped);
        json.Number("longestStopMs"u8, target.Capture.LongestStop.TotalMilliseconds);
        json.Number("elapsedMs"u8, target.Capture.Elapsed.TotalMilliseconds);
        writer.WriteEndObject();
        WriteOrigin(writer, json, target.Origin);
        writer.WriteEndObject();
    }

    public static void WriteGaps(JsonFields json, IReadOnlyList<Gap> gaps) => json.Each("gaps"u8, gaps, gap =>
    {
        json.Text("stage"u8, gap.Stage);
        json.Text("kind"u8, gap.Kind);
        json.Hex("address"u8, gap.Address?.Value);
        json.Text("message"u8, gap.Message);
    });

    /// <summary>The fields of a place in code; null values where it is not known.</summary>
    public static void WritePlace(JsonFields json, SymbolFrame code)
    {
        json.Text("function"u8, code.Function);
        json.Text("module"u8, code.Module);
        json.Text("modulePath"u8, code.ModulePath);
        json.Hex("moduleOffset"u8, code.Module is null ? null : code.ModuleOffset);
        json.Text("file"u8, code.File);
        json.Number("line"u8, code.Line > 0 ? code.Line : null);
    }

    private static void WriteOrigin(Utf8JsonWriter writer, JsonFields json, SnapshotOrigin? origin)
    {
        if (origin is null)
        {
            writer.WriteNull("saved"u8);
            return;
        }

        writer.WriteStartObject("saved"u8);
        json.Text("file"u8, origin.Path);
        writer.WriteString("takenAt"u8, origin.TakenAt.UtcDateTime);
        json.Text("host"u8, origin.Host);
        json.Text("kernel"u8, origin.Kernel);
        json.Text("core"u8, origin.Core);
        json.Text("tool"u8, origin.ToolVersion);
        writer.WriteBoolean("heaps"u8, origin.HasHeaps);
        writer.WriteBoolean("redacted"u8, origin.IsRedacted);
        writer.WriteEndObject();
    }
}
