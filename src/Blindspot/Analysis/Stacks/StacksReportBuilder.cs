using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Target;
using Blindspot.Unwind;

namespace Blindspot.Analysis.Stacks;

/// <summary>Names the frames that the walks found and puts the report together.</summary>
internal sealed class StacksReportBuilder(
    Snapshot snapshot,
    IManagedRuntime? runtime,
    Limits limits,
    RawFrameTable rawFrames,
    RawStackTable rawStacks,
    ThreadWalk[] threads,
    TaskWalk[] tasks,
    IReadOnlyDictionary<TargetAddress, int> taskByAddress)
{
    private readonly Symbolizer _symbolizer = new(snapshot, runtime, limits);
    private readonly CaptureReport _capture = snapshot.Capture;
    private readonly List<SymbolFrame> _symbols = [];
    private readonly Dictionary<int, int> _tidByInner = [];
    private readonly Dictionary<TargetAddress, ReportCreator?> _creators = [];

    public StacksReport Build(int disagreements)
    {
        foreach (ThreadWalk walk in threads)
        {
            _tidByInner[walk.Thread.InnerTid] = walk.Thread.Tid;
        }

        var frames = new List<ReportFrame>();
        var ranges = new (int From, int Count)[rawFrames.Entries.Count];
        for (int i = 0; i < ranges.Length; i++)
        {
            ranges[i] = (frames.Count, AddFrames(rawFrames.Entries[i], frames));
        }

        var stacks = new ReportStack[rawStacks.Entries.Count];
        for (int i = 0; i < stacks.Length; i++)
        {
            stacks[i] = BuildStack(rawStacks.Entries[i], ranges);
        }

        ReportThread[] reportThreads = Array.ConvertAll(threads, BuildThread);
        var reportTasks = new ReportTask[tasks.Length];
        for (int i = 0; i < tasks.Length; i++)
        {
            reportTasks[i] = BuildTask(i, stacks, frames);
        }

        _symbolizer.ReportProblems();
        return new StacksReport
        {
            Target = TargetDescription.Of(snapshot, runtime, _capture),
            Frames = frames,
            Stacks = stacks,
            Threads = reportThreads,
            Tasks = reportTasks,
            Scheduler = BuildScheduler(),
            Quality = CountQuality(stacks, disagreements),
            Gaps = snapshot.Gaps.ToList(),
        };
    }

    private int AddFrames(in RawFrameTable.Entry entry, List<ReportFrame> frames)
    {
        _symbols.Clear();
        _symbolizer.Resolve(entry.Address, entry.Module, _symbols);
        foreach (SymbolFrame symbol in _symbols)
        {
            // As debuggers print it; the C library's code has no symbol there, in most builds.
            SymbolFrame named = symbol.Function is null && entry.IsSignalReturn ? symbol with { Function = "<signal handler called>" } : symbol;
            frames.Add(new ReportFrame(named, entry.Address.Address, entry.FoundBy));
        }

        return _symbols.Count;
    }

    private static ReportStack BuildStack(RawStackTable.Entry raw, (int From, int Count)[] ranges)
    {
        int total = 0;
        foreach (int frame in raw.Frames)
        {
            total += ranges[frame].Count;
        }

        int[] indexes = new int[total];
        int at = 0;
        foreach (int frame in raw.Frames)
        {
            for (int i = 0; i < ranges[frame].Count; i++)
            {
                indexes[at++] = ranges[frame].From + i;
            }
        }

        return new ReportStack(indexes, raw.End, StackEndSentences.Describe(raw.End, raw.EndAddress));
    }

    private ReportThread BuildThread(ThreadWalk walk)
    {
        ThreadSnapshot thread = walk.Thread;
        return new ReportThread(
            thread.Tid,
            thread.InnerTid,
            thread.Name,
            Classify(walk),
            thread.State,
            walk.Task >= 0 ? runtime!.Tasks[walk.Task].Id : null,
            FindTaskId(walk.Worker?.LockedTask ?? TargetAddress.Zero),
            walk.Worker is { IsIdle: true } && walk.Task < 0,
            thread.UserTime,
            thread.SystemTime,
            thread.BlockedSignals,
            thread.Consistency,
            walk.Stack);
    }

    private ThreadKind Classify(ThreadWalk walk)
    {
        if (runtime is null)
        {
            return ThreadKind.Native;
        }

        if (runtime.Workers.Count == 0)
        {
            // Where the runtime's threads could not be read, only what a thread is doing tells; who made it does not.
            return !walk.TouchesRuntime ? ThreadKind.Native : walk.LeafIsRuntime ? ThreadKind.Runtime : ThreadKind.InC;
        }

        if (walk.Worker is { IsBorrowed: false })
        {
            return walk.Task >= 0 && !walk.LeafIsRuntime ? ThreadKind.InC : ThreadKind.Runtime;
        }

        return walk.TouchesRuntime ? ThreadKind.ForeignInRuntime : ThreadKind.Foreign;
    }

    private long? FindTaskId(TargetAddress address)
    {
        return !address.IsZero && taskByAddress.TryGetValue(address, out int task) ? runtime!.Tasks[task].Id : null;
    }

    private ReportTask BuildTask(int index, ReportStack[] stacks, List<ReportFrame> frames)
    {
        RuntimeTask task = runtime!.Tasks[index];
        TaskWalk walk = tasks[index];
        ReportStack stack = stacks[walk.Stack];
        bool leafIsForeign = stack.Frames.Count > 0 && frames[stack.Frames[0]].Symbol.Language != runtime.Kind;
        bool isOnThread = walk.Thread >= 0;
        return new ReportTask(
            task.Id,
            task.Kind,
            task.Runtime,
            Word(task),
            task.WaitReason,
            task.WaitSeconds,
            isOnThread ? threads[walk.Thread].Thread.Tid : Outer(task.InnerTid),
            Outer(task.LockedInnerTid),
            isOnThread && leafIsForeign,
            task.IsSystem,
            FindCreator(task),
            task.Labels,
            walk.Consistency,
            walk.Stack);
    }

    private static string Word(RuntimeTask task) => task.Status switch
    {
        Model.TaskStatus.Runnable => "runnable",
        Model.TaskStatus.Running => "running",
        Model.TaskStatus.Syscall => "syscall",
        Model.TaskStatus.Waiting => "waiting",
        Model.TaskStatus.Preempted => "preempted",
        _ => task.StatusText,
    };

    private int? Outer(int? innerTid) => innerTid is { } tid && _tidByInner.TryGetValue(tid, out int outer) ? outer : null;

    private ReportCreator? FindCreator(RuntimeTask task)
    {
        if (task.CreatorPc.IsZero)
        {
            return null;
        }

        if (!_creators.TryGetValue(task.CreatorPc, out ReportCreator? creator))
        {
            var sources = new List<SourceFrame>();
            if (runtime!.TryResolve(task.CreatorPc - 1, sources) && sources.Count > 0)
            {
                creator = new ReportCreator(sources[0].Function, sources[0].File, sources[0].Line, null);
            }

            _creators.Add(task.CreatorPc, creator);
        }

        return creator is null || task.CreatorTask is null ? creator : creator with { Task = task.CreatorTask };
    }

    private ReportScheduler? BuildScheduler()
    {
        if (runtime?.Scheduler is not { } scheduler)
        {
            return null;
        }

        int running = 0;
        int inC = 0;
        int idle = 0;
        int locked = 0;
        int blockedInC = 0;
        foreach (ThreadWalk walk in threads)
        {
            if (walk.Worker is null)
            {
                continue;
            }

            bool isInC = Classify(walk) == ThreadKind.InC;
            inC += isInC ? 1 : 0;
            blockedInC += isInC && walk.Thread.State != 'R' ? 1 : 0;
            idle += walk.Worker.IsIdle && walk.Task < 0 ? 1 : 0;
            locked += walk.Worker.LockedTask.IsZero ? 0 : 1;
            running += walk.Task >= 0 && !isInC && runtime.Tasks[walk.Task].Status == Model.TaskStatus.Running ? 1 : 0;
        }

        var processors = new List<ReportProcessor>();
        foreach (RuntimeProcessor processor in scheduler.Processors)
        {
            processors.Add(new ReportProcessor(processor.Id, processor.Status, processor.RunQueue, Outer(processor.WorkerInnerTid)));
        }

        return new ReportScheduler(
            scheduler.MaxProcessors,
            processors,
            scheduler.GlobalRunQueue,
            running,
            inC,
            idle,
            locked,
            blockedInC,
            scheduler.StopTheWorldPending);
    }

    private UnwindQuality CountQuality(ReportStack[] stacks, int disagreements)
    {
        int all = 0;
        int complete = 0;
        foreach (ThreadWalk walk in threads)
        {
            all++;
            complete += stacks[walk.Stack].End == StackEnd.Complete ? 1 : 0;
            disagreements += walk.Disagreements;
        }

        foreach (TaskWalk walk in tasks)
        {
            // A task on a thread shares the stack that was counted with the thread.
            if (walk.Thread < 0)
            {
                all++;
                complete += stacks[walk.Stack].End == StackEnd.Complete ? 1 : 0;
            }
        }

        return new UnwindQuality(all, complete, disagreements);
    }
}
