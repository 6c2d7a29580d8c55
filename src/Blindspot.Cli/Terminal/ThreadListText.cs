using System.Globalization;
using Blindspot.Analysis.Stacks;

namespace Blindspot.Cli.Terminal;

/// <summary>One line for each thread, by what it is and then by CPU time, as top would.</summary>
internal sealed class ThreadListText(StacksReport report, string taskNoun, StacksTextOptions options, StyledWriter writer)
{
    private const int MaxNameWidth = 15;

    public void Write()
    {
        ReportThread[] threads = [.. report.Threads];
        Array.Sort(threads, Compare);
        int widest = 0;
        int name = 0;
        int kind = 0;
        foreach (ReportThread thread in threads)
        {
            widest = Math.Max(widest, thread.Tid);
            name = Math.Max(name, DisplayWidth.Of(TerminalText.Safe(thread.Name)));
            kind = Math.Max(kind, ReportWords.Of(thread.Kind, thread.IsIdle).Length);
        }

        var list = new ListText(writer);
        list.AddColumn("THREAD", ListText.WidthOf(widest), isNumber: true);
        list.AddColumn("NAME", Math.Min(name, MaxNameWidth));
        list.AddColumn("KIND", kind);
        list.AddColumn("S", 1);
        list.AddColumn("CPU", 7, isNumber: true);
        if (report.Tasks.Count > 0)
        {
            list.AddColumn(taskNoun.ToUpperInvariant(), 9, isNumber: true);
        }

        writer.EndLine();
        list.WriteTitles("WHERE");
        StackFramesText? frames = options.AllFrames ? new StackFramesText(report, new StackIdentities(report), true, writer) : null;
        int shown = Math.Min(threads.Length, options.MaxRows);
        foreach (ReportThread thread in threads.AsSpan(0, shown))
        {
            Write(list, thread);
            frames?.Write(thread.Stack, null);
        }

        list.WriteRest(threads.Length - shown, "thread");
    }

    private void Write(ListText list, ReportThread thread)
    {
        Style style = ListText.StyleOf(StackGrouping.KindOf(thread));
        StyledText tid = thread.Tid.ToString(CultureInfo.InvariantCulture);
        StyledText name = TerminalText.Safe(thread.Name);
        StyledText kind = new(ReportWords.Of(thread.Kind, thread.IsIdle), style);
        StyledText state = new(char.IsAsciiLetter(thread.State) ? thread.State.ToString() : "?", thread.State == 'D' ? Style.Alarm : Style.Plain);
        StyledText cpu = thread is { UserTime: { } user, SystemTime: { } system }
            ? (user + system).TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + "s"
            : "?";
        StyledText where = new(StackPathText.Fit(report, StackPath.Of(report, thread.Stack), list.LastWidth), style);
        if (report.Tasks.Count == 0)
        {
            list.WriteRow(tid, name, kind, state, cpu, where);
            return;
        }

        StyledText task = thread.Task?.ToString(CultureInfo.InvariantCulture) ?? "";
        list.WriteRow(tid, name, kind, state, cpu, task, where);
    }

    private static int Compare(ReportThread left, ReportThread right)
    {
        int order = Rank(left).CompareTo(Rank(right));
        if (order == 0)
        {
            order = Cpu(right).CompareTo(Cpu(left));
        }

        return order != 0 ? order : left.Tid.CompareTo(right.Tid);
    }

    private static int Rank(ReportThread thread) => thread.Kind switch
    {
        ThreadKind.InC => 0,
        ThreadKind.ForeignInRuntime => 1,
        ThreadKind.Runtime when thread.Task is not null => 2,
        ThreadKind.Native => 3,
        ThreadKind.Foreign => 4,
        _ => thread.IsIdle ? 6 : 5,
    };

    private static TimeSpan Cpu(ReportThread thread) => (thread.UserTime ?? TimeSpan.Zero) + (thread.SystemTime ?? TimeSpan.Zero);
}
