namespace Blindspot.Analysis.Stacks;

/// <summary>The part of a report that somebody asked for. What is left empty selects everything.</summary>
/// <param name="Tasks">Ids of tasks.</param>
/// <param name="Threads">Tids of threads, ours or the target's own.</param>
/// <param name="Function">A function that the stack has to run through.</param>
public sealed record StacksSelection(IReadOnlyList<long> Tasks, IReadOnlyList<int> Threads, FunctionPattern? Function)
{
    public bool IsEverything => Tasks.Count == 0 && Threads.Count == 0 && Function is null;

    /// <summary>
    /// The same report with fewer tasks and threads, and with tables that hold only what those need. A task brings the
    /// thread that it is on, and a thread the task that is on it.
    /// </summary>
    public StacksReport Apply(StacksReport report)
    {
        if (IsEverything)
        {
            return report;
        }

        bool[] stacks = SelectStacks(report);
        var tasks = new HashSet<long>();
        var threads = new HashSet<int>();
        foreach (ReportTask task in report.Tasks)
        {
            if (stacks[task.Stack] && IsWanted(task))
            {
                tasks.Add(task.Id);
                if (task.Thread is { } thread)
                {
                    threads.Add(thread);
                }
            }
        }

        foreach (ReportThread thread in report.Threads)
        {
            if (stacks[thread.Stack] && IsWanted(thread))
            {
                threads.Add(thread.Tid);
                if (thread.Task is { } task)
                {
                    tasks.Add(task);
                }
            }
        }

        var tables = new TableSubset(report);
        var keptThreads = new List<ReportThread>();
        foreach (ReportThread thread in report.Threads)
        {
            if (threads.Contains(thread.Tid))
            {
                keptThreads.Add(thread with { Stack = tables.Keep(thread.Stack) });
            }
        }

        var keptTasks = new List<ReportTask>();
        foreach (ReportTask task in report.Tasks)
        {
            if (tasks.Contains(task.Id))
            {
                keptTasks.Add(task with { Stack = tables.Keep(task.Stack) });
            }
        }

        return report with { Threads = keptThreads, Tasks = keptTasks, Stacks = tables.Stacks, Frames = tables.Frames };
    }

    private bool IsWanted(ReportTask task) =>
        (Tasks.Count == 0 && Threads.Count == 0)
        || Tasks.Contains(task.Id)
        || (task.Thread is { } thread && Threads.Contains(thread));

    private bool IsWanted(ReportThread thread) =>
        (Tasks.Count == 0 && Threads.Count == 0)
        || Threads.Contains(thread.Tid)
        || Threads.Contains(thread.InnerTid)
        || (thread.Task is { } task && Tasks.Contains(task));

    private bool[] SelectStacks(StacksReport report)
    {
        var selected = new bool[report.Stacks.Count];
        if (Function is null)
        {
            Array.Fill(selected, true);
            return selected;
        }

        var frames = new bool[report.Frames.Count];
        for (int i = 0; i < frames.Length; i++)
        {
            frames[i] = Function.Matches(FrameLabel.Of(report.Frames[i]));
        }

        for (int i = 0; i < selected.Length; i++)
        {
            foreach (int frame in report.Stacks[i].Frames)
            {
                selected[i] |= frames[frame];
            }
        }

        return selected;
    }

    /// <summary>The frames and stacks that are kept, renumbered.</summary>
    private sealed class TableSubset(StacksReport report)
    {
        private readonly Dictionary<int, int> _stackNumbers = [];
        private readonly Dictionary<int, int> _frameNumbers = [];

        public List<ReportStack> Stacks { get; } = [];

        public List<ReportFrame> Frames { get; } = [];

        public int Keep(int stack)
        {
            if (_stackNumbers.TryGetValue(stack, out int number))
            {
                return number;
            }

            ReportStack original = report.Stacks[stack];
            var frames = new int[original.Frames.Count];
            for (int i = 0; i < frames.Length; i++)
            {
                frames[i] = KeepFrame(original.Frames[i]);
            }

            number = Stacks.Count;
            Stacks.Add(original with { Frames = frames });
            _stackNumbers.Add(stack, number);
            return number;
        }

        private int KeepFrame(int frame)
        {
            if (!_frameNumbers.TryGetValue(frame, out int number))
            {
                number = Frames.Count;
                Frames.Add(report.Frames[frame]);
                _frameNumbers.Add(frame, number);
            }

            return number;
        }
    }
}
