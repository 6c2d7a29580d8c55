using System.Text.Json;
using Blindspot.Analysis.Stacks;

namespace Blindspot.Export.Json;

/// <summary>
/// Writes a report as JSON, schema <c>blindspot.stacks/1</c> (docs/formats/stacks.md). It goes out in pieces: what is
/// held at a time does not grow with the report.
/// </summary>
public sealed class StacksJson
{
    public const string Schema = "blindspot.stacks/1";

    private readonly JsonFields _json;
    private readonly StacksReport _report;

    private StacksJson(JsonFields json, StacksReport report)
    {
        _json = json;
        _report = report;
    }

    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the document.</exception>
    public static void Write(StacksReport report, Stream output, CancellationToken cancel = default)
    {
        JsonDocumentOutput.Write(output, (writer, json) => new StacksJson(json, report).WriteDocument(writer), cancel);
    }

    private void WriteDocument(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        _json.Text("schema"u8, Schema);
        ReportParts.WriteTarget(writer, _json, _report.Target);
        _json.Each("frames"u8, _report.Frames, item => WriteFrame(writer, item));
        _json.Each("stacks"u8, _report.Stacks, item => WriteStack(writer, item));
        _json.Each("threads"u8, _report.Threads, item => WriteThread(writer, item));
        _json.Each("tasks"u8, _report.Tasks, item => WriteTask(writer, item));
        WriteScheduler(writer);
        writer.WriteStartObject("quality"u8);
        writer.WriteNumber("stacks"u8, _report.Quality.Stacks);
        writer.WriteNumber("complete"u8, _report.Quality.Complete);
        writer.WriteNumber("disagreements"u8, _report.Quality.Disagreements);
        writer.WriteEndObject();
        ReportParts.WriteGaps(_json, _report.Gaps);
        writer.WriteEndObject();
    }

    private void WriteFrame(Utf8JsonWriter writer, ReportFrame frame)
    {
        ReportParts.WritePlace(_json, frame.Symbol);
        _json.Text("language"u8, frame.Symbol.Language);
        writer.WriteBoolean("inlined"u8, frame.Symbol.IsInlined);
        _json.Hex("address"u8, frame.Address.Value);
        _json.Text("foundBy"u8, StacksWords.Of(frame.FoundBy));
    }

    private void WriteStack(Utf8JsonWriter writer, ReportStack stack)
    {
        _json.Text("end"u8, StacksWords.Of(stack.End));
        _json.Text("endDetail"u8, stack.EndDetail);
        writer.WriteStartArray("frames"u8);
        for (int i = 0; i < stack.Frames.Count; i++)
        {
            writer.WriteNumberValue(stack.Frames[i]);
        }

        writer.WriteEndArray();
    }

    private void WriteThread(Utf8JsonWriter writer, ReportThread thread)
    {
        writer.WriteNumber("tid"u8, thread.Tid);
        writer.WriteNumber("innerTid"u8, thread.InnerTid);
        _json.Text("name"u8, thread.Name);
        _json.Text("kind"u8, StacksWords.Of(thread.Kind));
        _json.Letter("state"u8, thread.State);
        _json.Number("task"u8, thread.Task);
        _json.Number("lockedTask"u8, thread.LockedTask);
        writer.WriteBoolean("idle"u8, thread.IsIdle);
        _json.Number("userSeconds"u8, thread.UserTime?.TotalSeconds);
        _json.Number("systemSeconds"u8, thread.SystemTime?.TotalSeconds);
        _json.Hex("blocked"u8, thread.BlockedSignals);
        _json.Text("consistency"u8, StacksWords.Of(thread.Consistency));
        writer.WriteNumber("stack"u8, thread.Stack);
    }

    private void WriteTask(Utf8JsonWriter writer, ReportTask task)
    {
        writer.WriteNumber("id"u8, task.Id);
        _json.Text("kind"u8, task.Kind);
        _json.Text("runtime"u8, task.Runtime);
        _json.Text("status"u8, task.Status);
        _json.Text("waitReason"u8, task.WaitReason);
        _json.Number("waitSeconds"u8, task.WaitSeconds);
        _json.Number("thread"u8, task.Thread);
        _json.Number("lockedThread"u8, task.LockedThread);
        writer.WriteBoolean("inC"u8, task.IsInC);
        writer.WriteBoolean("system"u8, task.IsSystem);
        if (task.CreatedBy is { } creator)
        {
            writer.WriteStartObject("createdBy"u8);
            _json.Text("function"u8, creator.Function);
            _json.Text("file"u8, creator.File);
            _json.Number("line"u8, creator.Line > 0 ? creator.Line : null);
            _json.Number("task"u8, creator.Task);
            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNull("createdBy"u8);
        }

        _json.Map("labels"u8, task.Labels);
        _json.Text("consistency"u8, StacksWords.Of(task.Consistency));
        writer.WriteNumber("stack"u8, task.Stack);
    }

    private void WriteScheduler(Utf8JsonWriter writer)
    {
        if (_report.Scheduler is not { } scheduler)
        {
            writer.WriteNull("scheduler"u8);
            return;
        }

        writer.WriteStartObject("scheduler"u8);
        writer.WriteNumber("gomaxprocs"u8, scheduler.MaxProcessors);
        writer.WriteStartArray("ps"u8);
        foreach (ReportProcessor processor in scheduler.Processors)
        {
            writer.WriteStartObject();
            writer.WriteNumber("id"u8, processor.Id);
            _json.Text("status"u8, processor.Status);
            writer.WriteNumber("runQueue"u8, processor.RunQueue);
            _json.Number("thread"u8, processor.Thread);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteNumber("runQueue"u8, scheduler.RunQueue);
        writer.WriteNumber("threadsRunning"u8, scheduler.ThreadsRunning);
        writer.WriteNumber("threadsInC"u8, scheduler.ThreadsInC);
        writer.WriteNumber("threadsIdle"u8, scheduler.ThreadsIdle);
        writer.WriteNumber("threadsLocked"u8, scheduler.ThreadsLocked);
        writer.WriteNumber("threadsBlockedInC"u8, scheduler.ThreadsBlockedInC);
        writer.WriteBoolean("stopTheWorldPending"u8, scheduler.StopTheWorldPending);
        writer.WriteEndObject();
    }
}
