using System.Text.Json;
using Blindspot.Analysis.Signals;
using Blindspot.Target;

namespace Blindspot.Export.Json;

/// <summary>Writes a report as JSON, schema <c>blindspot.signals/1</c> (docs/formats/signals.md).</summary>
public sealed class SignalsJson
{
    public const string Schema = "blindspot.signals/1";

    private readonly Utf8JsonWriter _writer;
    private readonly JsonFields _json;

    private SignalsJson(Utf8JsonWriter writer, JsonFields json)
    {
        _writer = writer;
        _json = json;
    }

    /// <exception cref="IOException">The stream did not take it.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the stream holds a part of the document.</exception>
    public static void Write(SignalsReport report, Stream output, CancellationToken cancel = default) =>
        JsonDocumentOutput.Write(output, (writer, json) => new SignalsJson(writer, json).WriteDocument(report), cancel);

    private void WriteDocument(SignalsReport report)
    {
        _writer.WriteStartObject();
        _json.Text("schema"u8, Schema);
        ReportParts.WriteTarget(_writer, _json, report.Target);
        _json.Texts("runtimes"u8, report.Runtimes);
        _json.Number("signalFrameBytes"u8, (long?)report.SignalFrameBytes);
        _json.Each("signals"u8, report.Signals, WriteSignal);
        _json.Each("threads"u8, report.Threads, WriteThread);
        _json.Each("intervalTimers"u8, report.IntervalTimers, WriteIntervalTimer);
        _json.Each("timers"u8, report.PosixTimers, WriteTimer);
        _json.Each("signalDescriptors"u8, report.SignalDescriptors, descriptor =>
        {
            _json.Number("descriptor"u8, descriptor.Descriptor);
            Signals("signals"u8, descriptor.Mask);
        });
        _json.Each("processDescriptors"u8, report.ProcessDescriptors, descriptor =>
        {
            _json.Number("descriptor"u8, descriptor.Descriptor);
            _json.Number("pid"u8, descriptor.Pid);
        });
        ReportParts.WriteGaps(_json, report.Gaps);
        _writer.WriteEndObject();
    }

    private void WriteSignal(ReportSignal signal)
    {
        _json.Number("number"u8, signal.Number);
        _json.Text("name"u8, signal.Name);
        _json.Text("disposition"u8, SignalsWords.Of(signal.Disposition));
        if (signal.Handler is { } handler)
        {
            _writer.WriteStartObject("handler"u8);
            _json.Hex("address"u8, handler.Address.Value);
            ReportParts.WritePlace(_json, handler.Code);
            _writer.WriteEndObject();
        }
        else
        {
            _writer.WriteNull("handler"u8);
        }

        _json.Texts("flags"u8, signal.Flags);
        Signals("mask"u8, signal.Mask);
        _json.Hex("restorer"u8, signal.Restorer?.Value);
        _json.Text("expected"u8, signal.Expected);
        _json.Flag("wanted"u8, signal.IsWanted);
        _json.Text("verdict"u8, SignalsWords.Of(signal.Verdict));
        _json.Text("severity"u8, FindingWords.Of(signal.Severity));
        _json.Text("certainty"u8, FindingWords.Of(signal.Certainty));
        _json.Text("consequence"u8, signal.Consequence);
        if (signal.Culprit is { } culprit)
        {
            _writer.WriteStartObject("culprit"u8);
            ReportParts.WritePlace(_json, culprit);
            _writer.WriteEndObject();
        }
        else
        {
            _writer.WriteNull("culprit"u8);
        }

        _json.Each("chain"u8, signal.Chain, code => ReportParts.WritePlace(_json, code));
        _json.Numbers("threads"u8, signal.Threads);
        _json.Text("advice"u8, signal.Advice);
    }

    private void WriteThread(SignalThread thread)
    {
        _json.Number("tid"u8, thread.Tid);
        _json.Text("name"u8, thread.Name);
        _json.Number("task"u8, thread.Task);
        _json.Text("kind"u8, SignalsWords.Of(thread.Kind));
        Signals("blocked"u8, thread.Blocked);
        _json.Flag("blockedForNow"u8, thread.IsBlockedForNow);
        Signals("pending"u8, thread.Pending);
        if (thread.AlternateStack is { } stack)
        {
            _writer.WriteStartObject("altstack"u8);
            _json.Hex("base"u8, stack.IsNone ? null : stack.Start.Value);
            _json.Number("size"u8, (long)stack.Size);
            _json.Text("owner"u8, thread.AlternateStackOwner);
            _json.Flag("sufficient"u8, thread.IsSufficient);
            _writer.WriteEndObject();
        }
        else
        {
            _writer.WriteNull("altstack"u8);
        }

        _json.Each("timers"u8, thread.Timers, WriteTimer);
    }

    private void WriteIntervalTimer(IntervalTimer timer)
    {
        _json.Text("kind"u8, SignalsWords.Of(timer.Kind));
        _json.Number("intervalMs"u8, timer.Interval.TotalMilliseconds);
        _json.Number("remainingMs"u8, timer.Remaining?.TotalMilliseconds);
    }

    private void WriteTimer(PosixTimer timer)
    {
        _json.Number("id"u8, timer.Id);
        _json.Text("signal"u8, timer.Notification == TimerNotification.None ? null : SignalNames.Of(timer.Signal));
        _json.Text("notify"u8, timer.IsLibraryThread ? "thread" : SignalsWords.Of(timer.Notification));
        _json.Number("tid"u8, timer.TargetTid);
        _json.Number("clock"u8, timer.Clock);
        _json.Hex("value"u8, timer.Value);
    }

    private void Signals(ReadOnlySpan<byte> name, ulong? mask) => _json.Texts(name, mask is { } set ? [.. SignalNames.In(set).Select(SignalNames.Of)] : null);
}
