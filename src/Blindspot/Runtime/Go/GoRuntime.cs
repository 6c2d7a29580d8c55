using System.Diagnostics.CodeAnalysis;
using Blindspot.Collect;
using Blindspot.Image;
using Blindspot.Image.Pclntab;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Saved;

namespace Blindspot.Runtime.Go;

/// <summary>The Go runtime found in a snapshot: its goroutines, threads, scheduler and functions.</summary>
public sealed partial class GoRuntime : IManagedRuntime
{
    private readonly IReadOnlyList<GoModule> _modules;
    private readonly GoTaskReader? _taskReader;
    private readonly RuntimeTask[] _tasks = [];

    private GoRuntime(TargetMemory memory, GoVersion? version, IReadOnlyList<GoModule> modules, GoLayout? layout, GoGlobals? globals, Opening opening)
    {
        _opening = opening;
        Memory = memory;
        GoVersion = version;
        _modules = modules;
        Layout = layout;
        Globals = globals;
        if (layout is not null && globals is not null)
        {
            Machines = new GoMachineReader(memory, layout, opening.Gaps, opening.Limits).Read(globals, opening.Threads);
            Dictionary<TargetAddress, int> threads = new(Machines.Count);
            foreach (GoMachine machine in Machines)
            {
                threads[machine.Address] = machine.InnerTid;
            }

            bool isMap = version?.Minor is { } minor ? minor < 24 : layout.Has(GoField.MapCount);
            _taskReader = new GoTaskReader(
                this,
                GoWaitReasons.Open(version?.Minor, globals, modules[0], memory),
                new GoLabelReader(memory, modules, layout, isMap, opening.IsRedacted, opening.Gaps, opening.Limits),
                threads,
                opening.Now);
            _tasks = _taskReader.ReadAll(globals, opening.Gaps, opening.Limits);
            Scheduler = GoSchedulerReader.Read(memory, layout, globals, threads, opening.Gaps);
            Workers = ToWorkers(Machines);
        }
    }

    public string Kind => "go";

    public string? Version => GoVersion?.Text;

    /// <summary>The version, parsed; null when it could not be told.</summary>
    public GoVersion? GoVersion { get; }

    /// <summary>Every goroutine in use, in order of id.</summary>
    public IReadOnlyList<RuntimeTask> Tasks => _tasks;

    public IReadOnlyList<RuntimeWorker> Workers { get; } = [];

    public RuntimeScheduler? Scheduler { get; }

    public bool UsesForeignCode => Globals?.IsCgo ?? _modules[0].Functions.TryFindByName("crosscall2", out _);

    public IRuntimeStackSteps StackSteps => new GoStackSteps(this);

    public RuntimeStackHints? StackHints => Layout is { } layout && Globals?.ThreadLocalG is { } threadTask && threadTask == (int)threadTask
        ? new RuntimeStackHints
        {
            ThreadTask = (int)threadTask,
            TaskWorker = layout[GoField.GM],
            TaskStackLow = layout[GoField.GStackLow],
            TaskStackHigh = layout[GoField.GStackHigh],
            TaskSp = layout[GoField.GSchedSp],
            TaskPc = layout[GoField.GSchedPc],
            TaskBp = layout[GoField.GSchedBp],
            TaskId = layout[GoField.GId],
            TaskLabels = layout[GoField.GLabels],
            WorkerTask = layout[GoField.MCurrentG],
            WorkerOwnTask = layout[GoField.MG0],
            WorkerForeignDepth = layout[GoField.MCgoDepth],
            WorkerIsForeign = layout[GoField.MIsExtra],
            WorkerVdsoSp = layout[GoField.MVdsoSp],
        }
        : null;

    /// <summary>The Ms with what unwinding needs of them; the same order as <see cref="Workers"/>.</summary>
    public IReadOnlyList<GoMachine> Machines { get; } = [];

    /// <summary>Where the fields of the runtime's structures lie; null where the version is not known and has no debug information.</summary>
    public GoLayout? Layout { get; }

    /// <summary>Null without a layout.</summary>
    public GoGlobals? Globals { get; }

    /// <summary>Modules with Go code of this runtime; the first holds the runtime itself.</summary>
    public IReadOnlyList<GoModule> Modules => _modules;

    public TargetMemory Memory { get; }

    /// <summary>The module whose Go code holds the address.</summary>
    public bool TryFindModule(TargetAddress pc, [NotNullWhen(true)] out GoModule? module)
    {
        foreach (GoModule candidate in _modules)
        {
            if (candidate.Contains(pc))
            {
                module = candidate;
                return true;
            }
        }

        module = null;
        return false;
    }

    /// <summary>The Go function at an address; for a return address give the byte before it.</summary>
    public bool TryFindFunction(
        TargetAddress pc,
        [NotNullWhen(true)] out GoFunctionTable? table,
        out GoFunction function,
        [NotNullWhen(true)] out Module? module)
    {
        if (TryFindModule(pc, out GoModule? owner) && owner.Functions.TryFind(owner.Module.ToImage(pc), out function))
        {
            table = owner.Functions;
            module = owner.Module;
            return true;
        }

        table = null;
        module = null;
        function = default;
        return false;
    }

    public bool TryResolve(TargetAddress lookupAddress, List<SourceFrame> frames) =>
        TryFindModule(lookupAddress, out GoModule? module)
        && module.Functions.FindFrames(module.Module.ToImage(lookupAddress), frames);

    public bool IsOwnCode(TargetAddress lookupAddress) => TryFindModule(lookupAddress, out _);

    /// <summary>The address lies in a file that has Go code, though not necessarily in that code: C that was linked in counts.</summary>
    public bool IsInExecutable(TargetAddress address)
    {
        foreach (GoModule module in _modules)
        {
            if (address >= module.Module.Start && address < module.Module.End)
            {
                return true;
            }
        }

        return false;
    }

    public bool IsPlumbing(string function) => GoPlumbing.Contains(function);

    public RuntimeTask? Reread(RuntimeTask task) => _taskReader?.Read(task.Address) is { } again && again.Id == task.Id ? again : null;

    /// <summary>
    /// Reads some of <see cref="Tasks"/> again, as far as their status and the place where their stack begins go.
    /// </summary>
    /// <param name="tasks">Places in <see cref="Tasks"/>.</param>
    /// <param name="unchanged">
    /// By place in <paramref name="tasks"/>: status, saved pc and sp, and the stack's bounds are what they were. Always
    /// false for tasks that ran, of which nothing is saved.
    /// </param>
    public void RereadMany(ReadOnlySpan<int> tasks, Span<bool> unchanged)
    {
        unchanged[..tasks.Length].Clear();
        if (Layout is not { } layout)
        {
            return;
        }

        ulong[] addresses = new ulong[tasks.Length];
        for (int i = 0; i < addresses.Length; i++)
        {
            addresses[i] = Tasks[tasks[i]].Address.Value;
        }

        int size = layout.EndOf(
            GoField.GStackLow, GoField.GStackHigh, GoField.GSchedSp, GoField.GSchedPc, GoField.GSyscallSp, GoField.GSyscallPc,
            GoField.GStatus, GoField.GId);

        // What is unchanged was read before; the rest is read anew (Refresh).
        BulkStructReader reader = new(Memory.ForSearch, addresses, size);
        while (reader.MoveNext(out int at, out ReadOnlySpan<byte> bytes))
        {
            unchanged[at] = !bytes.IsEmpty && IsUnchanged(Tasks[tasks[at]], new GoStruct(bytes, layout));
        }
    }

    public void Refresh(IReadOnlyList<int> tasks)
    {
        foreach (int place in tasks)
        {
            if (Reread(_tasks[place]) is { } again)
            {
                _tasks[place] = again;
            }
        }
    }

    /// <summary>Has its tasks say whose they are, where there are several runtimes.</summary>
    private void NameTasks()
    {
        if (_taskReader is null)
        {
            return;
        }

        _taskReader.RuntimeName = _modules[0].Module.Name;
        for (int i = 0; i < _tasks.Length; i++)
        {
            _tasks[i] = _tasks[i] with { Runtime = _taskReader.RuntimeName };
        }
    }

    private static bool IsUnchanged(RuntimeTask task, GoStruct g)
    {
        GoStatus status = GoStatuses.Of(g.UInt32(GoField.GStatus));
        if (task.Saved is not { } saved
            || GoStatuses.ToTaskStatus(status) != task.Status
            || (long)g.UInt64(GoField.GId) != task.Id
            || g.Address(GoField.GStackLow) != task.StackLow
            || g.Address(GoField.GStackHigh) != task.StackHigh)
        {
            return false;
        }

        return status == GoStatus.Syscall
            ? g.Address(GoField.GSyscallPc) == saved.Pc && g.Address(GoField.GSyscallSp) == saved.Sp
            : g.Address(GoField.GSchedPc) == saved.Pc && g.Address(GoField.GSchedSp) == saved.Sp;
    }

    private static RuntimeWorker[] ToWorkers(IReadOnlyList<GoMachine> machines)
    {
        RuntimeWorker[] workers = new RuntimeWorker[machines.Count];
        for (int i = 0; i < workers.Length; i++)
        {
            GoMachine machine = machines[i];
            workers[i] = new RuntimeWorker(
                machine.Address,
                machine.Id,
                machine.InnerTid,
                machine.HasTask ? machine.CurrentG : TargetAddress.Zero,
                machine.LockedG,
                machine.IsInCgo || machine.IsExtraInC,
                machine.IsExtra,
                machine.IsSpinning,
                machine.IsIdle,
                machine.SignalStackLow,
                machine.SignalStackHigh);
        }

        return workers;
    }

    /// <summary>What opening needs besides the modules.</summary>
    private readonly record struct Opening(IReadOnlyList<ThreadSnapshot> Threads, long? Now, bool IsRedacted, ReadLog? Log, GapLog Gaps, Limits Limits);
}
