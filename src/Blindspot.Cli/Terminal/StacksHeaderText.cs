using System.Globalization;
using System.Text;
using Blindspot.Analysis.Stacks;
using Blindspot.Target;

namespace Blindspot.Cli.Terminal;

/// <summary>What the process is, how many of what it has, and how that was learnt.</summary>
internal sealed class StacksHeaderText(StacksReport report, string taskNoun, StyledWriter writer)
{
    private readonly TargetText _target = new(report.Target, writer);

    /// <summary>With more processors than this their run queues are told as a sum.</summary>
    private const int MaxQueuesListed = 16;

    public void WriteSummary()
    {
        writer.EndLine();
        WriteTasks();
        WriteThreads();
        WriteScheduler();
        _target.WriteOrigin();
        List<StyledText> capture = _target.CaptureParts();
        AddConsistency(capture);
        _target.WriteField("capture", capture);
        WriteQuality();
    }

    private void WriteTasks()
    {
        if (report.Target.RuntimeKind is null && report.Tasks.Count == 0)
        {
            return;
        }

        Span<int> counts = stackalloc int[(int)StackGroupKind.IdleThread + 1];
        foreach (ReportTask task in report.Tasks)
        {
            counts[(int)StackGrouping.KindOf(task)]++;
        }

        var parts = new List<StyledText> { new(Quantity.Of(report.Tasks.Count), Style.Strong) };
        for (int i = 0; i < counts.Length; i++)
        {
            Style style = i == (int)StackGroupKind.InC ? Style.Native : Style.Plain;
            AddCount(parts, counts[i], ReportWords.Of((StackGroupKind)i), style);
        }

        _target.WriteField(taskNoun + "s", parts);
    }

    private void WriteThreads()
    {
        var parts = new List<StyledText> { new(Quantity.Of(report.Threads.Count), Style.Strong) };
        int foreign = 0;
        int asleep = 0;
        foreach (ReportThread thread in report.Threads)
        {
            foreign += thread.Kind is ThreadKind.Foreign or ThreadKind.ForeignInRuntime ? 1 : 0;
            asleep += thread.State is 'S' or 'D' ? 1 : 0;
        }

        if (report.Scheduler is { } scheduler)
        {
            string language = ReportWords.Tag(report.Target.RuntimeKind ?? "");
            AddCount(parts, scheduler.ThreadsInC, "in C", Style.Native);
            AddCount(parts, scheduler.ThreadsRunning, "running " + language);
            AddCount(parts, scheduler.ThreadsIdle, "idle");
            AddCount(parts, foreign, "made by C");
            AddCount(parts, report.Threads.Count - scheduler.ThreadsInC - scheduler.ThreadsRunning - scheduler.ThreadsIdle - foreign, "other");
            AddCount(parts, scheduler.ThreadsLocked, "locked to a " + taskNoun);
            _target.WriteField("threads", parts);
            if (scheduler.ThreadsBlockedInC > 0)
            {
                string verb = scheduler.ThreadsBlockedInC == 1 ? " exists" : " exist";
                _target.WriteField("", [new(Quantity.Of(scheduler.ThreadsBlockedInC, "thread") + verb + " only because C calls block", Style.Strong)]);
            }

            return;
        }

        AddCount(parts, asleep, "asleep");
        AddCount(parts, report.Threads.Count - asleep, "not asleep");
        _target.WriteField("threads", parts);
    }

    private void WriteScheduler()
    {
        if (report.Scheduler is not { } scheduler)
        {
            return;
        }

        bool isGo = report.Target.RuntimeKind == "go";
        string states = DescribeStatuses(scheduler);
        var parts = new List<StyledText>
        {
            (isGo ? "GOMAXPROCS " : "processors ") + Quantity.Of(scheduler.MaxProcessors),
        };
        if (states.Length > 0)
        {
            parts.Add((isGo ? "Ps: " : "") + states);
        }

        parts.Add(DescribeQueues(scheduler));
        if (scheduler.StopTheWorldPending)
        {
            parts.Add(new StyledText("the world is stopped or about to be", Style.Alarm));
        }

        _target.WriteField("scheduler", parts);
    }

    /// <summary>"2 running, 1 idle, 1 syscall": the most frequent first.</summary>
    private static string DescribeStatuses(ReportScheduler scheduler)
    {
        var counts = new Dictionary<string, int>();
        foreach (ReportProcessor processor in scheduler.Processors)
        {
            counts[processor.Status] = counts.GetValueOrDefault(processor.Status) + 1;
        }

        KeyValuePair<string, int>[] ordered = [.. counts];
        Array.Sort(ordered, static (left, right) => left.Value != right.Value
            ? right.Value.CompareTo(left.Value)
            : string.CompareOrdinal(left.Key, right.Key));
        var text = new StringBuilder();
        foreach ((string status, int count) in ordered)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{count} {TerminalText.Safe(status)}");
        }

        return text.ToString();
    }

    private static string DescribeQueues(ReportScheduler scheduler)
    {
        long waiting = scheduler.RunQueue;
        foreach (ReportProcessor processor in scheduler.Processors)
        {
            waiting += processor.RunQueue;
        }

        if (waiting == 0)
        {
            return "run queues empty";
        }

        var text = new StringBuilder(string.Create(CultureInfo.InvariantCulture, $"run queues: {Quantity.Of(scheduler.RunQueue)} global"));
        if (scheduler.Processors.Count > MaxQueuesListed)
        {
            return text.Append(", ").Append(Quantity.Of(waiting - scheduler.RunQueue)).Append(" of processors").ToString();
        }

        text.Append(" +");
        foreach (ReportProcessor processor in scheduler.Processors)
        {
            text.Append(' ').Append(Quantity.Of(processor.RunQueue));
        }

        return text.ToString();
    }

    /// <summary>A task and the thread that it is on were seen as one.</summary>
    private void AddConsistency(List<StyledText> parts)
    {
        Span<int> counts = stackalloc int[3];
        foreach (ReportTask task in report.Tasks)
        {
            counts[(int)task.Consistency]++;
        }

        foreach (ReportThread thread in report.Threads)
        {
            counts[(int)thread.Consistency] += thread.Task is null ? 1 : 0;
        }

        AddCount(parts, counts[(int)Consistency.Exact], "exact");
        AddCount(parts, counts[(int)Consistency.Still], "still");
        AddCount(parts, counts[(int)Consistency.PossiblyTorn], "possibly torn", Style.Alarm);
    }

    private void WriteQuality()
    {
        UnwindQuality quality = report.Quality;
        int incomplete = quality.Stacks - quality.Complete;
        var parts = new List<StyledText>
        {
            new(
                $"{Quantity.Of(quality.Complete)} of {Quantity.Of(quality.Stacks)} complete",
                incomplete > 0 ? Style.Alarm : Style.Plain),
        };

        if (quality.Disagreements > 0)
        {
            parts.Add(new StyledText(Quantity.Of(quality.Disagreements, "disagreement") + " between sources", Style.Alarm));
        }

        _target.WriteField("stacks", parts);
    }

    private static void AddCount(List<StyledText> parts, int count, string what, Style style = Style.Plain)
    {
        if (count > 0)
        {
            parts.Add(new StyledText(Quantity.Of(count) + " " + what, style));
        }
    }
}
