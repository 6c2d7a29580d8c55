using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;
using Blindspot.Unwind;

namespace Blindspot.Analysis.Stacks;

/// <summary>
/// Walks every thread and task of a snapshot and joins them: a task that is on a thread, through whatever C calls,
/// shares that thread's stack.
/// </summary>
/// <remarks>
/// A target that runs on is read like this: stacks are walked, and only then is it asked whether their threads and
/// tasks moved meanwhile. Those that did are walked again, a few times; those that never held still are reported as
/// possibly torn. Nothing is reported as surer than it was seen.
/// </remarks>
public sealed class StacksAnalysis
{
    private const int StillnessRounds = 4;

    // Tasks per batch: their stacks' tops are read in one go, and one look afterwards tells which of them moved.
    private const int BatchTasks = 2048;
    private const int BatchStackBytes = 1280;

    private readonly Snapshot _snapshot;
    private readonly IManagedRuntime? _runtime;
    private readonly StackUnwinder _unwinder;
    private readonly WindowedMemory _memory;
    private readonly RawFrameTable _frames = new();
    private readonly RawStackTable _stacks;
    private readonly UnwoundStack _stack = new();
    private readonly Dictionary<int, RuntimeWorker> _workers;
    private readonly Dictionary<TargetAddress, int> _taskByAddress = [];
    private readonly Dictionary<int, int> _threadByTid = [];
    private readonly Dictionary<int, int> _threadByInnerTid = [];
    private readonly ThreadWalk[] _threads;
    private readonly TaskWalk[] _tasks;
    private int _disagreements;

    private StacksAnalysis(Snapshot snapshot, ModuleMap modules, IManagedRuntime? runtime, Limits limits)
    {
        _snapshot = snapshot;
        _runtime = runtime;
        _workers = runtime.WorkersByTid();
        _memory = new WindowedMemory(snapshot.Memory);
        _unwinder = new StackUnwinder(modules, new ModuleCallFrames(snapshot.Gaps), _memory, runtime?.StackSteps, limits);
        _stacks = new RawStackTable(_frames);
        _threads = new ThreadWalk[snapshot.Threads.Count];
        _tasks = new TaskWalk[runtime?.Tasks.Count ?? 0];
    }

    /// <param name="snapshot">A live process, a core or a saved one.</param>
    /// <param name="modules">What is mapped into it.</param>
    /// <param name="runtime">Null for a process without a runtime that we know.</param>
    /// <param name="options">Whether and how the target may be stopped.</param>
    public static StacksReport Run(Snapshot snapshot, ModuleMap modules, IManagedRuntime? runtime, StacksOptions options, Limits limits)
    {
        var analysis = new StacksAnalysis(snapshot, modules, runtime, limits);
        analysis.Index();
        analysis.WalkThreads(options);
        analysis.JoinThreads();
        analysis.WalkTasks();
        analysis.NoteForSaving();
        return new StacksReportBuilder(snapshot, runtime, limits, analysis._frames, analysis._stacks, analysis._threads, analysis._tasks, analysis._taskByAddress)
            .Build(analysis._disagreements);
    }

    private void Index()
    {
        for (int i = 0; i < _tasks.Length; i++)
        {
            _taskByAddress[_runtime!.Tasks[i].Address] = i;
        }

        for (int i = 0; i < _threads.Length; i++)
        {
            ThreadSnapshot thread = _snapshot.Threads[i];
            _threadByTid[thread.Tid] = i;
            _threadByInnerTid[thread.InnerTid] = i;
            _threads[i] = new ThreadWalk { Thread = thread, Worker = _workers.GetValueOrDefault(thread.InnerTid) };
        }
    }

    private void WalkThreads(StacksOptions options)
    {
        WalkAllThreads();
        if (_snapshot is not LiveSnapshot live)
        {
            return;
        }

        if (options.Capture.Tier == CaptureTier.Stop)
        {
            // The walk above has opened every file and table that this one needs, so that the stop is short.
            live.StopAll(options.Capture, _ =>
            {
                WalkAllThreads();
                JoinThreads();
            });
            return;
        }

        IReadOnlyList<int> torn = live.CheckStillness();
        for (int round = 1; torn.Count > 0 && round < StillnessRounds; round++)
        {
            live.RefreshThreads(torn);
            foreach (int tid in torn)
            {
                Walk(_threadByTid[tid], _snapshot.Threads[_threadByTid[tid]], _memory);
            }

            torn = live.CheckStillness();
        }

        if (options.Exact)
        {
            foreach (int tid in torn)
            {
                StopAndWalk(live, tid, options);
            }
        }

        ChaseRunningTasks(live, options);
    }

    // A task that runs may have gone to another thread while the threads were walked: the one that it came from is seen
    // without it, the one that it went to was seen before. Look for it where it is now.
    private void ChaseRunningTasks(LiveSnapshot live, StacksOptions options)
    {
        for (int round = 1; round < StillnessRounds && _runtime is not null; round++)
        {
            JoinThreads();
            int[] lost = Array.FindAll(
                Enumerable.Range(0, _tasks.Length).ToArray(),
                i => _tasks[i].Stack < 0 && _runtime.Tasks[i].Status == Model.TaskStatus.Running);
            if (lost.Length == 0)
            {
                return;
            }

            _runtime.Refresh(lost);
            foreach (int task in lost)
            {
                if (_runtime.Tasks[task].InnerTid is not { } innerTid || !_threadByInnerTid.TryGetValue(innerTid, out int index))
                {
                    continue;
                }

                int tid = _threads[index].Thread.Tid;
                if (options.Exact)
                {
                    StopAndWalk(live, tid, options);
                }
                else
                {
                    live.RefreshThreads([tid]);
                    Walk(index, _snapshot.Threads[index], _memory);
                }
            }
        }
    }

    private void StopAndWalk(LiveSnapshot live, int tid, StacksOptions options)
    {
        int index = _threadByTid[tid];
        live.StopAndRead(tid, options.Capture, (thread, memory) => Walk(index, thread, new WindowedMemory(memory)));
    }

    private void WalkAllThreads()
    {
        for (int i = 0; i < _threads.Length; i++)
        {
            Walk(i, _snapshot.Threads[i], _memory);
        }
    }

    // Gives tasks the stacks of the threads that they were found on.
    private void JoinThreads()
    {
        for (int i = 0; i < _tasks.Length; i++)
        {
            Consistency consistency = _snapshot.IsMoving ? Consistency.Exact : _snapshot.ConsistencyOf(_runtime!.Tasks[i].Address);
            _tasks[i] = new TaskWalk { Stack = -1, Thread = -1, Consistency = consistency };
        }

        var moved = new List<int>();
        for (int i = 0; i < _threads.Length; i++)
        {
            ThreadWalk walk = _threads[i];
            walk.Thread = _snapshot.Threads[i];
            if (walk.Task < 0)
            {
                continue;
            }

            foreach (int index in (ReadOnlySpan<int>)[walk.Task, .. walk.OuterTasks])
            {
                ref TaskWalk task = ref _tasks[index];
                task.Thread = i;
                task.Stack = walk.Stack;
                task.Consistency = walk.Thread.Consistency;
                if (_runtime!.Tasks[index].Status is not (Model.TaskStatus.Running or Model.TaskStatus.Syscall))
                {
                    moved.Add(index);
                }
            }
        }

        if (_snapshot.IsMoving)
        {
            _runtime?.Refresh(moved);
        }
    }

    private void Walk(int index, ThreadSnapshot thread, WindowedMemory memory)
    {
        ThreadWalk walk = _threads[index];
        memory.Forget();
        _stack.Clear();
        if (thread.State64 is { } state)
        {
            _unwinder.UnwindThread(state, walk.Worker?.Address ?? TargetAddress.Zero, memory, _stack);
        }
        else
        {
            _stack.End = StackEnd.NoRegisters;
        }

        walk.Task = -1;
        walk.OuterTasks.Clear();
        walk.TouchesRuntime = false;
        walk.LeafIsRuntime = _stack.Frames.Count > 0 && IsRuntimeCode(_stack.Frames[0]);
        foreach (UnwoundFrame frame in _stack.Frames)
        {
            walk.TouchesRuntime |= !frame.Task.IsZero || IsRuntimeCode(frame);
            if (frame.Task.IsZero || !_taskByAddress.TryGetValue(frame.Task, out int task) || task == walk.Task)
            {
                continue;
            }

            if (walk.Task < 0)
            {
                walk.Task = task;
            }
            else if (_runtime!.Tasks[task].Runtime != _runtime.Tasks[walk.Task].Runtime && !walk.OuterTasks.Contains(task))
            {
                walk.OuterTasks.Add(task);
            }
        }

        walk.Disagreements = _stack.Disagreements;
        walk.Stack = _stacks.Intern(_stack);
    }

    private bool IsRuntimeCode(in UnwoundFrame frame) => _runtime is not null && _runtime.IsOwnCode(frame.Address.LookupAddress);

    private void WalkTasks()
    {
        if (_runtime is null)
        {
            return;
        }

        int[] pending = Array.FindAll(Enumerable.Range(0, _tasks.Length).ToArray(), i => _tasks[i].Stack < 0);

        byte[] buffer = new byte[BatchTasks * BatchStackBytes];
        var requests = new ReadRequest[BatchTasks];
        bool[] unchanged = new bool[BatchTasks];
        for (int round = 0; pending.Length > 0; round++)
        {
            var moved = new List<int>();
            for (int from = 0; from < pending.Length; from += BatchTasks)
            {
                ReadOnlySpan<int> batch = pending.AsSpan(from, Math.Min(BatchTasks, pending.Length - from));
                WalkBatch(batch, requests, buffer);
                if (!_snapshot.IsMoving)
                {
                    continue;
                }

                _runtime.RereadMany(batch, unchanged.AsSpan(0, batch.Length));
                for (int i = 0; i < batch.Length; i++)
                {
                    bool isStill = unchanged[i] && !MayRun(batch[i]);
                    _tasks[batch[i]].Consistency = isStill ? Consistency.Still : Consistency.PossiblyTorn;
                    if (!isStill)
                    {
                        moved.Add(batch[i]);
                    }
                }
            }

            if (round + 1 >= StillnessRounds)
            {
                break;
            }

            _runtime.Refresh(moved);
            pending = [.. moved];
        }
    }

    // The registers that the runtime saved say nothing of a task that runs, or comes back from one system call to make the
    // next: they are the same again. Only where its thread was seen to rest outside of the runtime does it rest too.
    private bool MayRun(int task)
    {
        RuntimeTask now = _runtime!.Tasks[task];
        if (now.Status is not (Model.TaskStatus.Running or Model.TaskStatus.Syscall))
        {
            return false;
        }

        ThreadWalk? walk = Array.Find(_threads, candidate => candidate.Thread.InnerTid == now.InnerTid);
        return walk is null || walk.TouchesRuntime || walk.Thread.Consistency == Consistency.PossiblyTorn;
    }

    // A saved snapshot has no second look: what this one showed is kept with it, and stacks whole.
    private void NoteForSaving()
    {
        if (_snapshot.Log is not { } log)
        {
            return;
        }

        foreach (ThreadWalk walk in _threads)
        {
            if (walk.Thread.State64 is not { } state)
            {
                continue;
            }

            TargetAddress sp = state.Registers.Sp;
            if (walk.Task >= 0 && _runtime!.Tasks[walk.Task] is var task && sp >= task.StackLow && sp < task.StackHigh)
            {
                log.WantTaskStack(sp, task.StackLow, task.StackHigh);
            }
            else
            {
                log.WantThreadStack(sp);
            }
        }

        for (int i = 0; i < _tasks.Length; i++)
        {
            RuntimeTask task = _runtime!.Tasks[i];
            log.WantTaskStack(task.Saved?.Sp ?? task.StackHigh, task.StackLow, task.StackHigh);
            if (_tasks[i].Consistency == Consistency.PossiblyTorn)
            {
                log.GradeTask(task.Address, Consistency.PossiblyTorn);
            }
        }
    }

    private void WalkBatch(ReadOnlySpan<int> batch, ReadRequest[] requests, byte[] buffer)
    {
        IReadOnlyList<RuntimeTask> tasks = _runtime!.Tasks;
        for (int i = 0; i < batch.Length; i++)
        {
            RuntimeTask task = tasks[batch[i]];
            TargetAddress sp = task.Saved?.Sp ?? TargetAddress.Zero;
            bool onStack = sp >= task.StackLow && sp < task.StackHigh;
            int length = onStack ? (int)Math.Min(BatchStackBytes, task.StackHigh - sp) : 0;
            requests[i] = new ReadRequest(sp, i * BatchStackBytes, length);
        }

        _snapshot.Memory.ReadMany(requests.AsSpan(0, batch.Length), buffer);
        for (int i = 0; i < batch.Length; i++)
        {
            _memory.Forget();
            _memory.Preload(requests[i].Address, buffer.AsSpan(requests[i].BufferOffset, requests[i].BytesRead));
            _unwinder.UnwindTask(tasks[batch[i]], _memory, _stack);
            _disagreements += _stack.Disagreements;
            _tasks[batch[i]].Stack = _stacks.Intern(_stack);
        }
    }
}
