using System.Buffers.Binary;
using System.Numerics;
using Blindspot.Arch.X64;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Analysis.Signals;

/// <summary>What is wrong with a thread of a runtime.</summary>
/// <param name="Tid">Ours.</param>
/// <param name="Runtime">Whose thread it is.</param>
/// <param name="Blocked">Signals that it does not let through, bit n-1 for signal n.</param>
/// <param name="StackVerdict"><see cref="SignalVerdict.AltStackDisabled"/>, <see cref="SignalVerdict.AltStackTooSmall"/>, or intact.</param>
/// <param name="IsInHandler">It blocks them only as long as a handler of C's runs, by whose mask it does.</param>
internal readonly record struct ThreadFault(int Tid, RuntimeSignals Runtime, ulong Blocked, SignalVerdict StackVerdict, bool IsInHandler = false);

/// <summary>Looks at what threads let through and on what stack their handlers run.</summary>
internal sealed class ThreadLook(Snapshot snapshot, IManagedRuntime? runtime, ulong? frameBytes)
{
    // System calls that set a mask for as long as they last (arch/x86/entry/syscalls/syscall_64.tbl).
    private const long SystemCallRtSigtimedwait = 128;
    private const long SystemCallRtSigsuspend = 130;
    private const long SystemCallPselect6 = 270;
    private const long SystemCallPpoll = 271;
    private const long SystemCallEpollPwait = 281;
    private const long SystemCallEpollPwait2 = 441;

    /// <summary>Bytes above the stack pointer in which a handler that runs has its frame, unless it is deep in calls.</summary>
    private const int HandlerSearchBytes = 64 << 10;

    /// <summary>A mask of more is one of nearly everything.</summary>
    private const int FewSignals = 16;

    /// <summary>All signals but those that can't be blocked, and the two that the C library keeps for itself.</summary>
    private const int NearlyAllSignals = 58;

    private readonly Dictionary<int, RuntimeWorker> _workers = runtime.WorkersByTid();
    private readonly Dictionary<TargetAddress, long> _tasks = TasksOf(runtime);

    public SignalThread Describe(ThreadSnapshot thread, IReadOnlyList<PosixTimer> timers)
    {
        RuntimeWorker? worker = _workers.GetValueOrDefault(thread.InnerTid);
        SignalThreadKind kind = worker is null
            ? runtime is null ? SignalThreadKind.Native : SignalThreadKind.Foreign
            : worker.IsBorrowed ? SignalThreadKind.ForeignInRuntime : SignalThreadKind.Runtime;
        return new SignalThread(
            thread.Tid,
            thread.Name,
            worker is not null && _tasks.TryGetValue(worker.CurrentTask, out long task) ? task : null,
            kind,
            thread.BlockedSignals,
            IsMaskForNow(thread),
            thread.PendingSignals,
            thread.AlternateStack,
            OwnerOf(thread.AlternateStack, worker),
            thread.AlternateStack is { } stack && kind == SignalThreadKind.Runtime && OwnRuntime is { } own ? VerdictOf(stack, own) == SignalVerdict.Intact : null,
            timers);
    }

    /// <summary>What of a thread would keep its runtime from getting a signal as it needs it; null where nothing does.</summary>
    public ThreadFault? FaultOf(ThreadSnapshot thread, ulong needed)
    {
        if (OwnRuntime is not { } own || thread.State is 'Z' or 'X')
        {
            return null;
        }

        ulong blocked = IsMaskForNow(thread) ? 0 : (thread.BlockedSignals ?? 0) & needed;
        if (!_workers.TryGetValue(thread.InnerTid, out RuntimeWorker? worker) || worker.IsBorrowed)
        {
            // Libraries block everything in their threads on purpose. A thread of C that blocks little but the profiler's
            // signal has it from the thread that made it, or from somebody who meant the profiler.
            bool isMeant = BitOperations.PopCount(thread.BlockedSignals ?? 0) <= FewSignals;
            blocked &= isMeant ? Profiling(own) : 0;
            return blocked == 0 ? null : new ThreadFault(thread.Tid, own, blocked, SignalVerdict.Intact);
        }

        SignalVerdict stack = thread.AlternateStack is { } alternate ? VerdictOf(alternate, own) : SignalVerdict.Intact;

        // So is a thread that a runtime has just made, or lets end: everything blocked, and no alternate stack.
        if (stack == SignalVerdict.AltStackDisabled && BitOperations.PopCount(thread.BlockedSignals ?? 0) >= NearlyAllSignals)
        {
            return null;
        }

        return blocked == 0 && stack == SignalVerdict.Intact ? null : new ThreadFault(thread.Tid, own, blocked, stack, blocked != 0 && IsInHandler(thread, blocked));
    }

    private static ulong Profiling(RuntimeSignals runtime)
    {
        ulong mask = 0;
        foreach (RuntimeSignal signal in runtime.Signals)
        {
            mask |= signal.Use == SignalUse.Profiling ? SignalNames.Bit(signal.Number) : 0;
        }

        return mask;
    }

    private RuntimeSignals? OwnRuntime => runtime?.Signals is [{ } first, ..] ? first : null;

    private SignalVerdict VerdictOf(AlternateStack stack, RuntimeSignals own) =>
        !own.NeedsAlternateStack ? SignalVerdict.Intact
        : stack.IsNone ? SignalVerdict.AltStackDisabled
        : frameBytes is { } frame && stack.Size < frame + (ulong)own.HandlerStack ? SignalVerdict.AltStackTooSmall
        : SignalVerdict.Intact;

    private string? OwnerOf(AlternateStack? alternate, RuntimeWorker? worker)
    {
        if (alternate is not { IsNone: false } stack)
        {
            return null;
        }

        if (worker is not null && stack.Start >= worker.SignalStackLow && stack.Start < worker.SignalStackHigh && !worker.IsBorrowed)
        {
            return runtime!.Kind;
        }

        return snapshot.Mappings.Find(stack.Start) is not { } mapping ? "unmapped"
            : mapping.Path.Length > 0 && !mapping.Path.StartsWith("[anon", StringComparison.Ordinal) ? mapping.Path
            : "anonymous";
    }

    /// <summary>
    /// A frame that the kernel wrote for a signal lies above the stack pointer: it begins with the address that the handler
    /// returns to, and holds the mask that comes back then (X64SignalFrame).
    /// </summary>
    private bool IsInHandler(ThreadSnapshot thread, ulong blocked)
    {
        if (thread.State64 is not { } state || snapshot.Dispositions is not { } dispositions)
        {
            return false;
        }

        HashSet<ulong> restorers = [.. dispositions.Select(static disposition => disposition.Restorer.Value).Where(static address => address != 0)];
        byte[] stack = new byte[HandlerSearchBytes];
        int read = snapshot.Memory.Read(state.Registers.Sp, stack);
        for (int at = 0; at + X64SignalFrame.MaskOffset + 8 <= read; at += 8)
        {
            if (restorers.Contains(BinaryPrimitives.ReadUInt64LittleEndian(stack.AsSpan(at)))
                && (BinaryPrimitives.ReadUInt64LittleEndian(stack.AsSpan(at + X64SignalFrame.MaskOffset)) & blocked) == 0)
            {
                return true;
            }
        }

        return false;
    }

    // The mask that such a call was given is in force while it waits, and the thread's own one comes back with its return.
    private bool IsMaskForNow(ThreadSnapshot thread)
    {
        if (thread.State64 is not { } state)
        {
            return false;
        }

        return state.OriginalRax switch
        {
            SystemCallRtSigtimedwait or SystemCallRtSigsuspend => true,
            SystemCallPpoll => IsGiven(state.Registers, X64Register.R10),
            SystemCallEpollPwait or SystemCallEpollPwait2 => IsGiven(state.Registers, X64Register.R8),
            SystemCallPselect6 => !state.Registers.TryGet(X64Register.R9, out ulong pair)
                || (pair != 0 && !(snapshot.Memory.TryReadUInt64(new TargetAddress(pair), out ulong mask) && mask == 0)),
            _ => false,
        };
    }

    // Where the argument is not known, it may have been given: nobody is accused of it.
    private static bool IsGiven(in X64Registers registers, X64Register argument) =>
        !registers.TryGet(argument, out ulong value) || value != 0;

    private static Dictionary<TargetAddress, long> TasksOf(IManagedRuntime? runtime)
    {
        var running = new HashSet<TargetAddress>();
        foreach (RuntimeWorker worker in runtime?.Workers ?? [])
        {
            running.Add(worker.CurrentTask);
        }

        var ids = new Dictionary<TargetAddress, long>();
        foreach (RuntimeTask task in runtime?.Tasks ?? [])
        {
            if (running.Contains(task.Address))
            {
                ids[task.Address] = task.Id;
            }
        }

        return ids;
    }
}
