using System.Globalization;
using System.Text;
using Blindspot.Analysis.Stacks;
using Blindspot.Target;

namespace Blindspot.Cli.Terminal;

/// <summary>A group of equal stacks: who they are, what they wait for, and the frames.</summary>
internal sealed class StackGroupText
{
    private const int Indent = 2;
    private const int MaxIds = 6;
    private const int MaxNames = 3;
    private const int MaxLabels = 6;
    private const int MaxLabelLength = 60;

    private readonly StacksReport _report;
    private readonly string _taskNoun;
    private readonly StacksTextOptions _options;
    private readonly StyledWriter _writer;
    private readonly StackFramesText _frames;
    private readonly Dictionary<int, ReportThread> _threads;

    public StackGroupText(
        StacksReport report,
        StackIdentities identities,
        string taskNoun,
        StacksTextOptions options,
        StyledWriter writer)
    {
        _report = report;
        _taskNoun = taskNoun;
        _options = options;
        _writer = writer;
        _frames = new StackFramesText(report, identities, options.AllFrames, writer);
        _threads = new Dictionary<int, ReportThread>(report.Threads.Count);
        foreach (ReportThread thread in report.Threads)
        {
            _threads.TryAdd(thread.Tid, thread);
        }
    }

    public void Write(StackGroup group)
    {
        if (group.Tasks.Count > 0)
        {
            WriteTasks(group);
            _frames.Write(group.Stack, CreatorText.Of(group.Tasks, _taskNoun));
        }
        else
        {
            WriteThreads(group);
            _frames.Write(group.Stack, null);
        }
    }

    private void WriteTasks(StackGroup group)
    {
        IReadOnlyList<ReportTask> tasks = group.Tasks;
        bool isOne = tasks.Count == 1;
        var heading = new List<StyledText>
        {
            new(isOne ? Id(_taskNoun, tasks[0].Id) : Quantity.Of(tasks.Count, _taskNoun), Style.Strong),
            new(Doing(group), group.Kind == StackGroupKind.InC ? Style.Native : Style.Strong),
        };
        if (group.Kind == StackGroupKind.InC)
        {
            StackPath path = StackPath.Of(_report, group.Stack);
            heading.Add(StackPathText.Fit(_report, path with { Caller = null }, _writer.Width - Indent));
        }

        if (group.LongestWait is { } longest)
        {
            heading.Add(Wait(group.ShortestWait ?? longest, longest));
        }

        if (tasks[0].Runtime is { } runtime)
        {
            heading.Add(new StyledText("of " + TerminalText.Safe(runtime), Style.Faint));
        }

        AddLocked(heading, tasks);
        if (isOne && tasks[0].Thread is { } thread && tasks[0].LockedThread != thread)
        {
            heading.Add(Id("on thread", thread));
        }

        AddTorn(heading, CountTorn(tasks));
        _writer.WriteParts(Indent, heading);
        if (!isOne)
        {
            WriteIds(tasks);
        }

        WriteLabels(tasks);
        if (_options.IsDetailed)
        {
            WriteThreadsOf(tasks);
        }
    }

    private static string Doing(StackGroup group) => group.Kind switch
    {
        StackGroupKind.Blocked or StackGroupKind.SystemTask => TerminalText.Safe(group.WaitReason ?? group.Status ?? "waiting"),
        _ when group.WaitReason is { } reason => ReportWords.Of(group.Kind) + ", " + TerminalText.Safe(reason),
        _ => ReportWords.Of(group.Kind),
    };

    /// <summary>Waits are known at least, not at most: the runtime notes when one began with a delay.</summary>
    private static string Wait(double shortest, double longest)
    {
        string least = Quantity.OfSeconds(shortest);
        string most = Quantity.OfSeconds(longest);
        return least == most ? "≥ " + least : $"≥ {least} … {most}";
    }

    private static void AddLocked(List<StyledText> heading, IReadOnlyList<ReportTask> tasks)
    {
        int locked = 0;
        foreach (ReportTask task in tasks)
        {
            locked += task.LockedThread is null ? 0 : 1;
        }

        if (locked == 0)
        {
            return;
        }

        if (tasks.Count == 1)
        {
            heading.Add(Id("locked to thread", tasks[0].LockedThread ?? 0));
        }
        else
        {
            heading.Add(locked == tasks.Count ? "each locked to its thread" : Quantity.Of(locked) + " locked to their threads");
        }
    }

    private static int CountTorn(IReadOnlyList<ReportTask> tasks)
    {
        int torn = 0;
        foreach (ReportTask task in tasks)
        {
            torn += task.Consistency == Consistency.PossiblyTorn ? 1 : 0;
        }

        return torn;
    }

    private static void AddTorn(List<StyledText> heading, int torn)
    {
        if (torn > 0)
        {
            heading.Add(new StyledText(torn == 1 ? "possibly torn" : Quantity.Of(torn) + " possibly torn", Style.Alarm));
        }
    }

    private void WriteIds(IReadOnlyList<ReportTask> tasks)
    {
        var ids = new List<long>(tasks.Count);
        var threads = new List<long>();
        foreach (ReportTask task in tasks)
        {
            ids.Add(task.Id);
            if (task.Thread is { } thread)
            {
                threads.Add(thread);
            }
        }

        var parts = new List<StyledText> { new(Ids(_taskNoun + "s", ids), Style.Faint) };
        if (threads.Count > 0)
        {
            parts.Add(new StyledText(Ids(threads.Count == 1 ? "on thread" : "on threads", threads), Style.Faint));
        }

        _writer.PadTo(Indent);
        _writer.WriteParts(Indent, parts);
    }

    /// <summary>Labels that all of them have, with the same value.</summary>
    private void WriteLabels(IReadOnlyList<ReportTask> tasks)
    {
        var common = new List<KeyValuePair<string, string>>(tasks[0].Labels);
        for (int i = 1; i < tasks.Count && common.Count > 0; i++)
        {
            IReadOnlyList<KeyValuePair<string, string>> labels = tasks[i].Labels;
            common.RemoveAll(label => !labels.Contains(label));
        }

        if (common.Count == 0)
        {
            return;
        }

        var parts = new List<StyledText>();
        foreach ((string key, string value) in common)
        {
            if (parts.Count == MaxLabels)
            {
                parts.Add(new StyledText(Quantity.Of(common.Count - MaxLabels) + " more labels", Style.Faint));
                break;
            }

            parts.Add(new StyledText(DisplayWidth.CutRight(TerminalText.Safe(key + "=" + value), MaxLabelLength), Style.Faint));
        }

        _writer.PadTo(Indent);
        _writer.Write(new StyledText("labels ", Style.Faint));
        _writer.WriteParts(Indent, parts);
    }

    private void WriteThreads(StackGroup group)
    {
        IReadOnlyList<ReportThread> threads = group.Threads;
        bool isOne = threads.Count == 1;
        var heading = new List<StyledText>
        {
            new(isOne ? Id("thread", threads[0].Tid) : Quantity.Of(threads.Count, "thread"), Style.Strong),
        };
        if (group.Kind == StackGroupKind.InC)
        {
            heading.Add(new StyledText("in C", Style.Native));
        }
        else if (group.Kind != StackGroupKind.Native)
        {
            heading.Add(ReportWords.Of(group.Kind));
        }

        heading.Add(Names(threads));
        AddStates(heading, threads);
        int torn = 0;
        foreach (ReportThread thread in threads)
        {
            torn += thread.Consistency == Consistency.PossiblyTorn ? 1 : 0;
        }

        AddTorn(heading, torn);
        _writer.WriteParts(Indent, heading);
        if (!isOne)
        {
            var ids = new List<long>(threads.Count);
            foreach (ReportThread thread in threads)
            {
                ids.Add(thread.Tid);
            }

            _writer.PadTo(Indent);
            _writer.WriteParts(Indent, [new StyledText(Ids("threads", ids), Style.Faint)]);
        }

        if (_options.IsDetailed)
        {
            foreach (ReportThread thread in threads)
            {
                WriteDetail(thread);
            }
        }
    }

    private static string Names(IReadOnlyList<ReportThread> threads)
    {
        var names = new List<string>();
        bool isMore = false;
        foreach (ReportThread thread in threads)
        {
            if (names.Contains(thread.Name))
            {
                continue;
            }

            if (names.Count == MaxNames)
            {
                isMore = true;
                break;
            }

            names.Add(thread.Name);
        }

        var text = new StringBuilder();
        foreach (string name in names)
        {
            text.Append(text.Length == 0 ? "" : ", ").Append('"').Append(TerminalText.Safe(name)).Append('"');
        }

        return isMore ? text.Append(", …").ToString() : text.ToString();
    }

    private static void AddStates(List<StyledText> heading, IReadOnlyList<ReportThread> threads)
    {
        var states = new SortedDictionary<char, int>();
        foreach (ReportThread thread in threads)
        {
            states[thread.State] = states.GetValueOrDefault(thread.State) + 1;
        }

        foreach ((char state, int count) in states)
        {
            heading.Add(states.Count == 1 ? ReportWords.OfState(state) : Quantity.Of(count) + " " + ReportWords.OfState(state));
        }
    }

    private void WriteThreadsOf(IReadOnlyList<ReportTask> tasks)
    {
        foreach (ReportTask task in tasks)
        {
            if (task.Thread is { } tid && _threads.TryGetValue(tid, out ReportThread? thread))
            {
                WriteDetail(thread);
            }
        }
    }

    private void WriteDetail(ReportThread thread)
    {
        var parts = new List<StyledText>
        {
            $"{Id("thread", thread.Tid)} \"{TerminalText.Safe(thread.Name)}\"",
            ReportWords.Of(thread.Kind, thread.IsIdle),
            ReportWords.OfState(thread.State),
        };
        if (thread.InnerTid != thread.Tid)
        {
            parts.Add(Id("tid inside its container", thread.InnerTid));
        }

        if (thread.UserTime is { } user && thread.SystemTime is { } system)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"CPU {user.TotalSeconds:0.00} s user, {system.TotalSeconds:0.00} s system"));
        }

        if (thread.BlockedSignals is { } mask)
        {
            parts.Add(SignalMask.Describe(mask));
        }

        _writer.PadTo(Indent);
        _writer.WriteParts(Indent, parts);
    }

    private static string Id(string noun, long id) => noun + " " + id.ToString(CultureInfo.InvariantCulture);

    /// <summary>"goroutines 17, 18, 33 and 29 more".</summary>
    private static string Ids(string nouns, List<long> ids)
    {
        ids.Sort();
        var text = new StringBuilder(nouns).Append(' ');
        int shown = ids.Count <= MaxIds + 1 ? ids.Count : MaxIds;
        for (int i = 0; i < shown; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{ids[i]}");
        }

        return shown == ids.Count ? text.ToString() : text.Append($" and {Quantity.Of(ids.Count - shown)} more").ToString();
    }
}
