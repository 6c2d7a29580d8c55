using Blindspot.Analysis.Stacks;
using Blindspot.Primitives;

namespace Blindspot.Cli.Terminal;

/// <summary>A report as text: what the process is, then its stacks in groups or its threads and tasks in lists, then what could not be read.</summary>
internal sealed class StacksText
{
    private const int MaxRuleWidth = 120;
    private const int MaxReasons = 3;

    private readonly StacksReport _report;
    private readonly StacksReport _selected;
    private readonly StacksTextOptions _options;
    private readonly StyledWriter _writer;
    private readonly string _taskNoun;

    private StacksText(StacksReport report, StacksReport selected, StacksTextOptions options, StyledWriter writer)
    {
        _report = report;
        _selected = selected;
        _options = options;
        _writer = writer;
        _taskNoun = TaskNoun(report);
    }

    /// <param name="report">The whole, which the header tells of.</param>
    /// <param name="selected">The part of it that was asked for; the same where that is everything.</param>
    public static void Write(StacksReport report, StacksReport selected, StacksTextOptions options, StyledWriter writer) =>
        new StacksText(report, selected, options, writer).Write();

    /// <summary>What a task of the process is called: "goroutine".</summary>
    public static string TaskNoun(StacksReport report) =>
        report.Tasks.Count > 0 ? TerminalText.Safe(report.Tasks[0].Kind) : report.Target.RuntimeKind == "go" ? "goroutine" : "task";

    private void Write()
    {
        var header = new StacksHeaderText(_report, _taskNoun, _writer);
        new TargetText(_report.Target, _writer).WriteTitle();
        if (!_options.IsDetailed)
        {
            header.WriteSummary();
        }

        if (_options.ListThreads)
        {
            new ThreadListText(_selected, _taskNoun, _options, _writer).Write();
        }

        if (_options.ListTasks)
        {
            new TaskListText(_selected, _taskNoun, _options, _writer).Write();
        }

        if (!_options.ListThreads && !_options.ListTasks)
        {
            WriteGroups(StackGrouping.Of(_selected));
        }

        GapsText.Write(_report.Gaps, _writer);
    }

    private void WriteGroups(StackGrouping grouping)
    {
        var entry = new StackGroupText(_selected, grouping.Identities, _taskNoun, _options, _writer);
        var unshown = new GroupTally();
        var folded = new GroupTally();
        int shown = 0;
        StackGroupKind? section = null;
        for (int i = 0; i < grouping.Groups.Count; i++)
        {
            StackGroup group = grouping.Groups[i];
            if (IsFolded(group))
            {
                folded.Add(group);
                continue;
            }

            if (shown >= _options.MaxGroups)
            {
                unshown.Add(group);
                continue;
            }

            if (section != group.Kind)
            {
                section = group.Kind;
                WriteSection(grouping.Groups, i);
            }

            _writer.EndLine();
            entry.Write(group);
            shown++;
        }

        if (grouping.Groups.Count == 0)
        {
            _writer.EndLine();
            WriteLine("No stack is what was asked for.", Style.Strong);
        }

        if (unshown.Groups > 0)
        {
            _writer.EndLine();
            _writer.WriteWords(
                2,
                $"… {Quantity.Of(unshown.Groups, "more group")} with {unshown.Members(_taskNoun)}: --limit 0 shows them, --json has everything",
                Style.Strong);
        }

        if (folded.Groups > 0)
        {
            _writer.EndLine();
            _writer.WriteWords(2, $"… and {folded.Members("system " + _taskNoun, "resting runtime thread")} (--system shows them)", Style.Faint);
        }
    }

    /// <summary>What every process of the runtime has and what tells nothing: its own tasks, and its threads that rest.</summary>
    private bool IsFolded(StackGroup group)
    {
        if (_options.ShowSystem || _options.IsDetailed)
        {
            return false;
        }

        if (group.Kind is StackGroupKind.SystemTask or StackGroupKind.IdleThread)
        {
            return true;
        }

        bool isResting = group.Kind == StackGroupKind.RuntimeThread;
        foreach (ReportThread thread in group.Threads)
        {
            isResting &= thread.State == 'S';
        }

        return isResting;
    }

    private void WriteSection(IReadOnlyList<StackGroup> groups, int first)
    {
        var tally = new GroupTally();
        var reasons = new Dictionary<string, int>();
        for (int i = first; i < groups.Count && groups[i].Kind == groups[first].Kind; i++)
        {
            if (IsFolded(groups[i]))
            {
                continue;
            }

            tally.Add(groups[i]);
            if (groups[i].WaitReason is { } reason)
            {
                reasons[reason] = reasons.GetValueOrDefault(reason) + groups[i].Count;
            }
        }

        var parts = new List<StyledText>
        {
            new(ReportWords.Of(groups[first].Kind), Style.Strong),
            tally.Members(_taskNoun),
        };
        if (tally.Groups > 1)
        {
            parts.Add(Quantity.Of(tally.Groups, "group"));
        }

        if (reasons.Count > 1)
        {
            AddReasons(parts, reasons);
        }

        _writer.EndLine();
        int width = Math.Min(_writer.Width, MaxRuleWidth);
        _writer.Write(new StyledText("── ", Style.Faint));
        int used = 3;
        for (int i = 0; i < parts.Count; i++)
        {
            int length = DisplayWidth.Of(parts[i].Text);
            if (i > 1 && used + length + 6 > width)
            {
                break;
            }

            _writer.Write(new StyledText(i > 0 ? " · " : "", Style.Faint));
            _writer.Write(parts[i]);
            used += length + (i > 0 ? 3 : 0);
        }

        _writer.Write(new StyledText(" " + new string('─', Math.Max(2, width - used - 1)), Style.Faint));
        _writer.EndLine();
    }

    private static void AddReasons(List<StyledText> parts, Dictionary<string, int> reasons)
    {
        KeyValuePair<string, int>[] ordered = [.. reasons];
        Array.Sort(ordered, static (left, right) => left.Value != right.Value
            ? right.Value.CompareTo(left.Value)
            : string.CompareOrdinal(left.Key, right.Key));
        foreach ((string reason, int count) in ordered.AsSpan(0, Math.Min(MaxReasons, ordered.Length)))
        {
            parts.Add(new StyledText(Quantity.Of(count) + " " + TerminalText.Safe(reason), Style.Faint));
        }
    }

    private void WriteLine(string text, Style style)
    {
        _writer.Write(new StyledText(text, style));
        _writer.EndLine();
    }
}
