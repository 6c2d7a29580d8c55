using System.Globalization;
using Blindspot.Analysis.Stacks;

namespace Blindspot.Cli.Terminal;

/// <summary>One line for each task, the most telling first.</summary>
internal sealed class TaskListText(StacksReport report, string taskNoun, StacksTextOptions options, StyledWriter writer)
{
    public void Write()
    {
        var tasks = new List<ReportTask>(report.Tasks.Count);
        int hidden = 0;
        long widest = 0;
        foreach (ReportTask task in report.Tasks)
        {
            if (task.IsSystem && !options.ShowSystem)
            {
                hidden++;
                continue;
            }

            tasks.Add(task);
            widest = Math.Max(widest, task.Id);
        }

        tasks.Sort(Compare);
        var list = new ListText(writer);
        list.AddColumn(taskNoun.ToUpperInvariant(), ListText.WidthOf(widest), isNumber: true);
        list.AddColumn("STATUS", 16);
        list.AddColumn("WAITS", 9, isNumber: true);
        list.AddColumn("THREAD", 7, isNumber: true);
        writer.EndLine();
        list.WriteTitles("WHERE");
        StackFramesText? frames = options.AllFrames ? new StackFramesText(report, new StackIdentities(report), true, writer) : null;
        int shown = Math.Min(tasks.Count, options.MaxRows);
        for (int i = 0; i < shown; i++)
        {
            Write(list, tasks[i]);
            frames?.Write(tasks[i].Stack, CreatorText.Of([tasks[i]], taskNoun));
        }

        list.WriteRest(tasks.Count - shown, taskNoun);
        if (hidden > 0)
        {
            writer.Write(new StyledText($"… and {Quantity.Of(hidden, "system " + taskNoun)} (--system shows them)", Style.Faint));
            writer.EndLine();
        }
    }

    private void Write(ListText list, ReportTask task)
    {
        StackGroupKind kind = StackGrouping.KindOf(task);
        string status = kind is StackGroupKind.Blocked or StackGroupKind.SystemTask
            ? TerminalText.Safe(task.WaitReason ?? task.Status)
            : ReportWords.Of(kind);
        list.WriteRow(
            task.Id.ToString(CultureInfo.InvariantCulture),
            new StyledText(status, ListText.StyleOf(kind)),
            task.WaitSeconds is { } seconds ? "≥ " + Quantity.OfSeconds(seconds) : "",
            task.Thread?.ToString(CultureInfo.InvariantCulture) ?? "",
            new StyledText(StackPathText.Fit(report, StackPath.Of(report, task.Stack), list.LastWidth), ListText.StyleOf(kind)));
    }

    private static int Compare(ReportTask left, ReportTask right)
    {
        int order = StackGrouping.KindOf(left).CompareTo(StackGrouping.KindOf(right));
        if (order == 0)
        {
            order = Nullable.Compare(right.WaitSeconds, left.WaitSeconds);
        }

        return order != 0 ? order : left.Id.CompareTo(right.Id);
    }
}
