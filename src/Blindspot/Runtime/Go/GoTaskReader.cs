using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Image.Pclntab;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using TaskStatus = Blindspot.Model.TaskStatus;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Reads goroutines out of runtime.allgs (Go: src/runtime/runtime2.go, g). No stack is read here: only the parts of
/// each g up to its labels, neighbours together.
/// </summary>
internal sealed class GoTaskReader
{
    /// <summary>Members of the list of all goroutines that are read at a time.</summary>
    private const ulong PieceLength = 1 << 16;

    private readonly TargetMemory _memory;
    private readonly GoLayout _layout;
    private readonly GoWaitReasons _reasons;
    private readonly GoLabelReader _labels;
    private readonly Func<TargetAddress, GoFunctionTable?> _findTable;
    private readonly Func<TargetAddress, ImageOffset> _toImage;
    private readonly Dictionary<TargetAddress, int> _threads;
    private readonly Dictionary<ulong, StartKind> _starts = [];
    private readonly long? _now;
    private readonly int _bytes;

    public GoTaskReader(GoRuntime runtime, GoWaitReasons reasons, GoLabelReader labels, Dictionary<TargetAddress, int> threads, long? now)
    {
        _memory = runtime.Memory;
        _layout = runtime.Layout!;
        _reasons = reasons;
        _labels = labels;
        _threads = threads;
        _findTable = pc => runtime.TryFindModule(pc, out GoModule? module) ? module.Functions : null;
        _toImage = pc => runtime.TryFindModule(pc, out GoModule? module) ? module.Module.ToImage(pc) : default;

        // Go's nanotime counts CLOCK_MONOTONIC, too. A core does not tell its time.
        _now = now;
        _bytes = _layout.EndOf(
            GoField.GStackLow, GoField.GStackHigh, GoField.GM, GoField.GSchedSp, GoField.GSchedPc, GoField.GSchedBp,
            GoField.GSyscallSp, GoField.GSyscallPc, GoField.GSyscallBp, GoField.GStatus, GoField.GId, GoField.GWaitSince,
            GoField.GWaitReason, GoField.GLockedM, GoField.GParentId, GoField.GCreatorPc, GoField.GStartPc, GoField.GLabels,
            GoField.GRunningCleanups);
    }

    /// <summary>What the tasks say of the runtime they are of; null while it is the only one.</summary>
    public string? RuntimeName { get; set; }

    private enum StartKind : byte
    {
        User,
        System,
        Finalizer,
        Cleanup,
    }

    /// <summary>All goroutines in use, in order of id.</summary>
    public RuntimeTask[] ReadAll(GoGlobals globals, GapLog gaps, Limits limits)
    {
        if (globals.AllGs.IsZero || !TryReadAddresses(globals.AllGs, gaps, limits, out ulong[] addresses))
        {
            return [];
        }

        RuntimeTask[] tasks = new RuntimeTask[addresses.Length];
        long[] ids = new long[addresses.Length];
        int count = 0;
        int unreadable = 0;
        BulkStructReader reader = new(_memory, addresses, _bytes);
        while (reader.MoveNext(out int index, out ReadOnlySpan<byte> bytes))
        {
            if (bytes.IsEmpty)
            {
                unreadable++;
            }
            else if (Parse(new TargetAddress(addresses[index]), bytes) is { } task)
            {
                ids[count] = task.Id;
                tasks[count++] = task;
            }
        }

        if (unreadable > 0)
        {
            gaps.Add("runtime", "goroutines-unreadable", $"{unreadable} of {addresses.Length} goroutines could not be read.");
        }

        Array.Resize(ref tasks, count);
        Array.Sort(ids, tasks, 0, count);
        return tasks;
    }

    /// <summary>Reads one goroutine; null if it can't be read or is not in use any more.</summary>
    public RuntimeTask? Read(TargetAddress address)
    {
        byte[] bytes = new byte[_bytes];
        return _memory.TryReadExactly(address, bytes) ? Parse(address, bytes) : null;
    }

    private bool TryReadAddresses(TargetAddress allGs, GapLog gaps, Limits limits, out ulong[] addresses)
    {
        addresses = [];
        if (!new GoGlobalsCheck(_memory, _layout).TryReadSlice(allGs, out TargetAddress first, out ulong count))
        {
            gaps.Add("runtime", "goroutines-unreadable", "The list of all goroutines (allgs) could not be read.", allGs);
            return false;
        }

        if (count > (ulong)limits.MaxTasks)
        {
            gaps.Add("runtime", "goroutines-cut", $"There are {count} goroutines; the first {limits.MaxTasks} were read.");
            count = (ulong)limits.MaxTasks;
        }

        // In pieces: the count is the target's word, and memory is taken for what is really there.
        List<ulong> found = new((int)Math.Min(count, PieceLength));
        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(count, PieceLength) * 8);
        ulong read = 0;
        while (read < count)
        {
            int wanted = (int)Math.Min(count - read, PieceLength);
            int got = _memory.Read(first + (read * 8), bytes.AsSpan(0, wanted * 8)) / 8;
            for (int i = 0; i < got; i++)
            {
                ulong address = BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(i * 8));
                if (GoGlobalsCheck.IsPointer(new TargetAddress(address)))
                {
                    found.Add(address);
                }
            }

            read += (ulong)got;
            if (got < wanted)
            {
                gaps.Add("runtime", "goroutines-cut", $"Of the list of {count} goroutines only {read} members could be read.", first);
                break;
            }
        }

        addresses = [.. found];
        if ((ulong)addresses.Length < read)
        {
            gaps.Add("runtime", "goroutines-unreadable", $"{read - (ulong)addresses.Length} members of the list of all goroutines are no addresses.");
        }

        return true;
    }

    private RuntimeTask? Parse(TargetAddress address, ReadOnlySpan<byte> bytes)
    {
        GoStruct g = new(bytes, _layout);
        GoStatus status = GoStatuses.Of(g.UInt32(GoField.GStatus));
        if (!GoStatuses.IsAlive(status))
        {
            return null;
        }

        string? reason = status is GoStatus.Waiting or GoStatus.Leaked && _layout.Has(GoField.GWaitReason) ? _reasons[g.Byte(GoField.GWaitReason)] : null;
        TargetAddress start = g.Address(GoField.GStartPc);
        TargetAddress labels = g.AddressOrZero(GoField.GLabels);
        long id = (long)g.UInt64(GoField.GId);
        long parent = _layout.Has(GoField.GParentId) ? (long)g.UInt64(GoField.GParentId) : 0;
        return new RuntimeTask
        {
            Id = id,
            Address = address,
            Kind = "goroutine",
            Runtime = RuntimeName,
            Status = GoStatuses.ToTaskStatus(status),
            StatusText = reason ?? GoStatuses.Text(status),
            WaitReason = reason,
            WaitSeconds = WaitSeconds(g, status),
            InnerTid = ThreadOf(g.Address(GoField.GM)),
            LockedInnerTid = ThreadOf(g.AddressOrZero(GoField.GLockedM)),
            // Goroutine 1 was made by the runtime's start, which its own tracebacks leave out too (runtime/traceback.go).
            CreatorPc = g.UInt64(GoField.GId) == 1 ? TargetAddress.Zero : g.AddressOrZero(GoField.GCreatorPc),
            CreatorTask = parent > 0 ? parent : null,
            StartPc = start,
            Labels = labels.IsZero ? [] : _labels.Read(labels),
            Saved = SavedRegistersOf(g, status),
            StackLow = g.Address(GoField.GStackLow),
            StackHigh = g.Address(GoField.GStackHigh),
            IsSystem = IsSystem(start, g, reason),
        };
    }

    /// <summary>
    /// What gopark, goready and the like left in g.sched, and entersyscall in g.syscall*. A goroutine that runs, or
    /// whose stack is being moved, has nothing saved that is true.
    /// </summary>
    private X64Registers? SavedRegistersOf(GoStruct g, GoStatus status)
    {
        switch (status)
        {
            case GoStatus.Syscall:
                TargetAddress syscallSp = g.Address(GoField.GSyscallSp);
                if (syscallSp.IsZero)
                {
                    return null;
                }

                X64Registers inCall = X64Registers.Of(g.Address(GoField.GSyscallPc), syscallSp);
                if (_layout.Has(GoField.GSyscallBp) && g.Address(GoField.GSyscallBp) is { IsZero: false } bp)
                {
                    inCall.Bp = bp;
                }

                return inCall;
            case GoStatus.Waiting or GoStatus.Runnable or GoStatus.Preempted or GoStatus.Leaked:
                TargetAddress sp = g.Address(GoField.GSchedSp);
                if (sp.IsZero)
                {
                    return null;
                }

                X64Registers parked = X64Registers.Of(g.Address(GoField.GSchedPc), sp);
                if (_layout.Has(GoField.GSchedBp))
                {
                    parked.Bp = g.Address(GoField.GSchedBp);
                }

                return parked;
            default:
                return null;
        }
    }

    private double? WaitSeconds(GoStruct g, GoStatus status)
    {
        if (_now is not { } now || status is not (GoStatus.Waiting or GoStatus.Syscall or GoStatus.Leaked) || !_layout.Has(GoField.GWaitSince))
        {
            return null;
        }

        // Only the garbage collector sets it, and only if it is zero.
        long since = (long)g.UInt64(GoField.GWaitSince);
        return since > 0 && since <= now ? (now - since) / 1e9 : null;
    }

    private int? ThreadOf(TargetAddress machine) =>
        !machine.IsZero && _threads.TryGetValue(machine, out int thread) && thread != 0 ? thread : null;

    /// <summary>Go: src/runtime/traceback.go, isSystemGoroutine.</summary>
    private bool IsSystem(TargetAddress start, GoStruct g, string? reason)
    {
        if (!_starts.TryGetValue(start.Value, out StartKind kind))
        {
            kind = KindOf(start);
            _starts.Add(start.Value, kind);
        }

        return kind switch
        {
            StartKind.System => true,

            // It counts as the user's while it runs finalizers (fingStatus); else it waits for some.
            StartKind.Finalizer => reason is "finalizer wait",
            StartKind.Cleanup => !g.Flag(GoField.GRunningCleanups),
            _ => false,
        };
    }

    private StartKind KindOf(TargetAddress start)
    {
        if (_findTable(start) is not { } table || !table.TryFind(_toImage(start), out GoFunction function))
        {
            return StartKind.User;
        }

        return function.Kind switch
        {
            GoFunctionKind.RuntimeMain or GoFunctionKind.CoroStart or GoFunctionKind.HandleAsyncEvent => StartKind.User,
            GoFunctionKind.RunFinalizers => StartKind.Finalizer,
            GoFunctionKind.RunCleanups => StartKind.Cleanup,
            _ => table.GetName(function).StartsWith("runtime.", StringComparison.Ordinal) ? StartKind.System : StartKind.User,
        };
    }
}
