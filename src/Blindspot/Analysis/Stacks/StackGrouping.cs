namespace Blindspot.Analysis.Stacks;

/// <summary>
/// A report's tasks and threads in groups of equals, the most telling first. A thread with a task on it is told with
/// the task, whose stack joins both halves, and makes no entry of its own.
/// </summary>
public sealed class StackGrouping
{
    private StackGrouping(IReadOnlyList<StackGroup> groups, StackIdentities identities)
    {
        Groups = groups;
        Identities = identities;
    }

    /// <summary>By kind, then by size, then by the longest wait.</summary>
    public IReadOnlyList<StackGroup> Groups { get; }

    public StackIdentities Identities { get; }

    public static StackGrouping Of(StacksReport report)
    {
        var identities = new StackIdentities(report);
        var groups = new Dictionary<GroupKey, StackGroup>();
        var taskIds = new HashSet<long>(report.Tasks.Count);
        foreach (ReportTask task in report.Tasks)
        {
            taskIds.Add(task.Id);
            var key = new GroupKey(KindOf(task), identities.OfStack(task.Stack), task.Status, task.WaitReason);
            Find(groups, key).Add(task);
        }

        foreach (ReportThread thread in report.Threads)
        {
            if (thread.Task is { } task && taskIds.Contains(task))
            {
                continue;
            }

            var key = new GroupKey(KindOf(thread), identities.OfStack(thread.Stack), null, null);
            Find(groups, key).Add(thread);
        }

        StackGroup[] ordered = [.. groups.Values];
        Array.Sort(ordered, Compare);
        return new StackGrouping(ordered, identities);
    }

    public static StackGroupKind KindOf(ReportTask task)
    {
        if (task.IsSystem)
        {
            return StackGroupKind.SystemTask;
        }

        if (task.IsInC)
        {
            return StackGroupKind.InC;
        }

        return task.Status switch
        {
            "running" or "preempted" => StackGroupKind.Running,
            "runnable" => StackGroupKind.Runnable,
            "syscall" => StackGroupKind.InSystemCall,
            _ => StackGroupKind.Blocked,
        };
    }

    public static StackGroupKind KindOf(ReportThread thread) => thread.Kind switch
    {
        ThreadKind.InC => StackGroupKind.InC,
        ThreadKind.Native => StackGroupKind.Native,
        ThreadKind.Foreign or ThreadKind.ForeignInRuntime => StackGroupKind.Foreign,
        _ when thread.IsIdle => StackGroupKind.IdleThread,
        _ => StackGroupKind.RuntimeThread,
    };

    private static StackGroup Find(Dictionary<GroupKey, StackGroup> groups, GroupKey key)
    {
        if (!groups.TryGetValue(key, out StackGroup? group))
        {
            group = new StackGroup(key.Kind, key.Stack, key.Status, key.WaitReason);
            groups.Add(key, group);
        }

        return group;
    }

    private static int Compare(StackGroup left, StackGroup right)
    {
        int order = left.Kind.CompareTo(right.Kind);
        if (order == 0)
        {
            order = right.Count.CompareTo(left.Count);
        }

        if (order == 0)
        {
            order = Nullable.Compare(right.LongestWait, left.LongestWait);
        }

        return order != 0 ? order : FirstId(left).CompareTo(FirstId(right));
    }

    private static long FirstId(StackGroup group) => group.Tasks.Count > 0 ? group.Tasks[0].Id : group.Threads[0].Tid;

    private readonly record struct GroupKey(StackGroupKind Kind, int Stack, string? Status, string? WaitReason);
}
