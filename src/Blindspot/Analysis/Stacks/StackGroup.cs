namespace Blindspot.Analysis.Stacks;

/// <summary>
/// Tasks, or threads that no task is on, that read the same: equal frames, status and reason to wait. One of the two
/// lists is empty.
/// </summary>
public sealed class StackGroup(StackGroupKind kind, int stack, string? status, string? waitReason)
{
    private readonly List<ReportTask> _tasks = [];
    private readonly List<ReportThread> _threads = [];

    public StackGroupKind Kind { get; } = kind;

    /// <summary>Index of the stack that stands for all of them.</summary>
    public int Stack { get; } = stack;

    /// <summary>The status of its tasks; null for threads.</summary>
    public string? Status { get; } = status;

    public string? WaitReason { get; } = waitReason;

    /// <summary>In order of the report.</summary>
    public IReadOnlyList<ReportTask> Tasks => _tasks;

    public IReadOnlyList<ReportThread> Threads => _threads;

    public int Count => _tasks.Count + _threads.Count;

    /// <summary>The longest wait that is known of in seconds; null when none is.</summary>
    public double? LongestWait { get; private set; }

    /// <summary>The shortest wait that is known of in seconds; null when none is.</summary>
    public double? ShortestWait { get; private set; }

    internal void Add(ReportTask task)
    {
        _tasks.Add(task);
        if (task.WaitSeconds is { } seconds)
        {
            LongestWait = LongestWait is { } longest ? Math.Max(longest, seconds) : seconds;
            ShortestWait = ShortestWait is { } shortest ? Math.Min(shortest, seconds) : seconds;
        }
    }

    internal void Add(ReportThread thread) => _threads.Add(thread);
}
