using Blindspot.Arch.X64;
using Blindspot.Image.Pclntab;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>How stacks run through Go's code: frames by pcsp, and every switch between a goroutine's stack and the thread's.</summary>
/// <remarks>
/// <para>
/// A thread of Go (an M) has its own stack, that of g0, and runs one goroutine (m.curg) on another. The runtime changes
/// from one to the other in a few assembly functions, and each leaves a trace that leads back:
/// </para>
/// <list type="bullet">
/// <item><c>asmcgocall</c> (Go calls C) puts the goroutine and the depth of its stack into two slots of its frame on
/// g0; they belong to that activation, so nested calls and moved stacks come out right.</item>
/// <item><c>cgocallback</c> (C calls Go) saves the thread's stack pointer in m.g0.sched.sp, and the value that was there
/// before at that very place: a chain from the innermost callback outwards.</item>
/// <item><c>systemstack</c>, <c>mcall</c> and <c>morestack</c> leave the goroutine's registers in its g.sched.</item>
/// <item>Calls into the vDSO keep Go's stack pointer in r12.</item>
/// </list>
/// <para>Sources: runtime/asm_amd64.s, runtime/sys_linux_amd64.s, runtime/cgo/asm_amd64.s and abi_amd64.h, Go 1.19 to 1.27.</para>
/// </remarks>
internal sealed class GoStackSteps(GoRuntime go) : IRuntimeStackSteps
{
    private readonly GoLayout? _layout = go.Layout;
    private readonly GoFrameCache _frames = new(go);

    // Up to Go 1.21 asmcgocall reserved 64 bytes, for the register area of Windows' ABI; since 1.22 it takes 16.
    private const int FirstMinorWithSmallFrame = 22;


    public void Locate(StackCursor cursor)
    {
        if (!cursor.WorkerIsKnown)
        {
            cursor.Worker = FindWorker(cursor);
            cursor.WorkerIsKnown = true;
        }

        LeaveTask(cursor);
        if (!cursor.Worker.IsZero
            && cursor.Memory.TryReadAddress(cursor.Worker + Field(GoField.MCurrentG), out TargetAddress current)
            && !current.IsZero)
        {
            TryEnterTask(cursor, current, cursor.Registers.Sp);
        }
    }

    public void LocateTask(StackCursor cursor, RuntimeTask task) =>
        EnterTask(cursor, task.Address, task.StackLow, task.StackHigh);

    public StackStep TryStep(StackCursor cursor)
    {
        if (!_frames.TryGet(cursor.Frame.LookupAddress, out GoFrameCache.Entry frame))
        {
            return StackStep.NotMine;
        }

        GoFunctionKind kind = frame.Kind;
        bool hasDepth = frame.HasDepth;
        int depth = frame.Depth;
        switch (kind)
        {
            case GoFunctionKind.GoExit:
            case GoFunctionKind.Rt0Go:
            case GoFunctionKind.ProgramEntry when frame.IsTopFrame:
                return cursor.Fail(StackEnd.Complete, TargetAddress.Zero);

            case GoFunctionKind.SignalReturn:
                return StepSignalReturn(cursor);

            case GoFunctionKind.SystemStack or GoFunctionKind.Mcall or GoFunctionKind.MoreStack when !cursor.IsOnTaskStack && cursor.IsReturnAddress:
                return StepToCurrentTask(cursor, kind);

            case GoFunctionKind.AsmCgoCall when !cursor.IsOnTaskStack && hasDepth && _layout is not null:
                return StepAsmCgoCall(cursor, depth);

            case GoFunctionKind.CgoCallback when cursor.IsOnTaskStack && hasDepth:
                return StepCgoCallback(cursor, depth);

            case GoFunctionKind.Crosscall2 when cursor.IsReturnAddress && hasDepth:
                return StepCrossCall2(cursor, depth);

            case GoFunctionKind.VdsoCaller when cursor.IsReturnAddress:
                ReturnFromVdso(cursor);
                break;
        }

        if (!hasDepth)
        {
            return cursor.Fail(StackEnd.MalformedUnwindInfo, cursor.Registers.Pc);
        }

        StackStep step = StepByDepth(cursor, depth);
        if (step != StackStep.Stepped)
        {
            return step;
        }

        switch (kind)
        {
            // The signal handler made these look as if called; what they return to is the instruction itself.
            case GoFunctionKind.AsyncPreempt:
            case GoFunctionKind.SigPanic:
                cursor.IsReturnAddress = false;
                break;

            // The start of a thread.
            case GoFunctionKind.MStart when !IsCalledFromOutside(cursor.Registers.Pc):
                return cursor.Fail(StackEnd.Complete, TargetAddress.Zero);
        }

        return step;
    }

    // C's crosscall1 calls mstart where there is cgo, and rt0_go on the first thread; a thread that Go cloned by itself has
    // nothing above it but the system call.
    private bool IsCalledFromOutside(TargetAddress returnAddress) => _frames.TryGet(returnAddress - 1, out GoFrameCache.Entry caller)
        ? caller.Kind == GoFunctionKind.Rt0Go
        : go.IsInExecutable(returnAddress);

    // Only asked for once a worker or task is known, which takes a layout.
    private ulong Field(GoField field) => (ulong)_layout![field];

    // For the walk of a parked goroutine, which has no m, but under a callback is locked to the one whose stack holds its C
    // frames. Few walks come to where it is needed.
    private TargetAddress WorkerOf(StackCursor cursor)
    {
        if (!cursor.WorkerIsKnown && _layout is not null && !cursor.Task.IsZero)
        {
            cursor.WorkerIsKnown = true;
            if (!cursor.Memory.TryReadAddress(cursor.Task + Field(GoField.GM), out TargetAddress worker) || worker.IsZero)
            {
                cursor.Memory.TryReadAddress(cursor.Task + Field(GoField.GLockedM), out worker);
            }

            cursor.Worker = worker;
        }

        return cursor.Worker;
    }

    private static void EnterTask(StackCursor cursor, TargetAddress task, TargetAddress low, TargetAddress high)
    {
        cursor.Task = task;
        cursor.TaskStackLow = low;
        cursor.TaskStackHigh = high;
    }

    private static void LeaveTask(StackCursor cursor) =>
        EnterTask(cursor, TargetAddress.Zero, TargetAddress.Zero, TargetAddress.Zero);

    private TargetAddress FindWorker(StackCursor cursor)
    {
        if (_layout is null
            || cursor.ThreadPointer.IsZero
            || go.Globals?.ThreadLocalG is not { } offset
            || !cursor.Memory.TryReadAddress(cursor.ThreadPointer + unchecked((ulong)offset), out TargetAddress current)
            || current.IsZero
            || !cursor.Memory.TryReadAddress(current + Field(GoField.GM), out TargetAddress worker))
        {
            return TargetAddress.Zero;
        }

        return worker;
    }

    private bool TryReadStackBounds(StackCursor cursor, TargetAddress task, out TargetAddress low, out TargetAddress high)
    {
        high = TargetAddress.Zero;
        return cursor.Memory.TryReadAddress(task + Field(GoField.GStackLow), out low)
            && cursor.Memory.TryReadAddress(task + Field(GoField.GStackHigh), out high)
            && !low.IsZero
            && low < high;
    }

    private bool TryEnterTask(StackCursor cursor, TargetAddress task, TargetAddress sp)
    {
        if (!TryReadStackBounds(cursor, task, out TargetAddress low, out TargetAddress high) || sp <= low || sp > high)
        {
            return false;
        }

        EnterTask(cursor, task, low, high);
        return true;
    }

    private static StackStep StepByDepth(StackCursor cursor, int depth)
    {
        TargetAddress frameEnd = cursor.Registers.Sp + (ulong)depth;
        Span<byte> slots = stackalloc byte[16];
        if (!cursor.Memory.TryReadExactly(frameEnd - 8, slots))
        {
            return cursor.Fail(StackEnd.MemoryUnreadable, frameEnd);
        }

        ulong savedBp = BitConverter.ToUInt64(slots);
        TargetAddress pc = new(BitConverter.ToUInt64(slots[8..]));
        bool hadBp = cursor.Registers.TryGet(X64Register.Rbp, out ulong bp);
        cursor.MoveTo(pc, frameEnd + 8, FoundBy.RuntimeTable);
        if (depth >= 8)
        {
            cursor.Registers.Bp = new TargetAddress(savedBp);
        }
        else if (hadBp)
        {
            cursor.Registers.Bp = new TargetAddress(bp);
        }

        return StackStep.Stepped;
    }

    private static StackStep StepSignalReturn(StackCursor cursor)
    {
        Span<byte> context = stackalloc byte[X64SignalFrame.ContextBytes];
        if (!cursor.Memory.TryReadExactly(cursor.Registers.Sp, context))
        {
            return cursor.Fail(StackEnd.MemoryUnreadable, cursor.Registers.Sp);
        }

        cursor.Registers = X64SignalFrame.Restore(context);
        cursor.IsReturnAddress = false;
        cursor.FoundBy = FoundBy.SignalFrame;
        return StackStep.Stepped;
    }

    // systemstack, mcall, morestack on g0: the goroutine's side is in its g.sched. Only the innermost switch can be one
    // of these, so the one copy of the registers is the right one.
    private StackStep StepToCurrentTask(StackCursor cursor, GoFunctionKind kind)
    {
        TargetAddress worker = WorkerOf(cursor);
        if (worker.IsZero || !cursor.Memory.TryReadAddress(worker + Field(GoField.MCurrentG), out TargetAddress task))
        {
            return cursor.Fail(StackEnd.SwitchUnknown, cursor.Registers.Pc);
        }

        if (task.IsZero)
        {
            // The scheduler has let go of the goroutine that called or was preempted: the thread has nothing else.
            return kind != GoFunctionKind.SystemStack
                ? cursor.Fail(StackEnd.Complete, TargetAddress.Zero)
                : cursor.Fail(StackEnd.SwitchInconsistent, cursor.Registers.Pc);
        }

        if (!cursor.Memory.TryReadAddress(task + Field(GoField.GSchedPc), out TargetAddress pc)
            || !cursor.Memory.TryReadAddress(task + Field(GoField.GSchedSp), out TargetAddress sp)
            || !cursor.Memory.TryReadAddress(task + Field(GoField.GSchedBp), out TargetAddress bp))
        {
            return cursor.Fail(StackEnd.MemoryUnreadable, task);
        }

        if (!TryEnterTask(cursor, task, sp) || !_frames.TryGet(pc - 1, out _))
        {
            LeaveTask(cursor);
            return cursor.Fail(StackEnd.SwitchInconsistent, task);
        }

        cursor.MoveTo(pc, sp, FoundBy.StackSwitch);
        cursor.Registers.Bp = bp;
        return StackStep.Stepped;
    }

    private StackStep StepAsmCgoCall(StackCursor cursor, int depth)
    {
        bool smallFrame = go.GoVersion?.Minor is not { } minor || minor >= FirstMinorWithSmallFrame;
        if (TryReadCallSlots(cursor, smallFrame, out TargetAddress task, out ulong offset)
            && TryReturnFromC(cursor, task, offset, depth))
        {
            return StackStep.Stepped;
        }

        // A runtime of unknown version may lay the frame out as the others did; the checks tell a right guess.
        if (go.GoVersion?.Minor is null
            && TryReadCallSlots(cursor, !smallFrame, out task, out offset)
            && TryReturnFromC(cursor, task, offset, depth))
        {
            return StackStep.Stepped;
        }

        LeaveTask(cursor);
        return cursor.Fail(StackEnd.SwitchInconsistent, cursor.Registers.Sp);
    }

    private static bool TryReadCallSlots(StackCursor cursor, bool smallFrame, out TargetAddress task, out ulong offset)
    {
        TargetAddress slots = cursor.Registers.Sp + (smallFrame ? 0UL : 40UL);
        task = TargetAddress.Zero;
        return cursor.Memory.TryReadUInt64(slots, out offset) && cursor.Memory.TryReadAddress(slots + 8, out task);
    }

    /// <param name="task">The goroutine that called; zero where the call came from g0 or gsignal and switched nothing.</param>
    /// <param name="offset">Depth below the top of the goroutine's stack; without a goroutine the stack pointer itself.</param>
    private bool TryReturnFromC(StackCursor cursor, TargetAddress task, ulong offset, int depth)
    {
        TargetAddress sp;
        if (task.IsZero)
        {
            sp = new TargetAddress(offset);
            if (sp < cursor.Registers.Sp || sp - cursor.Registers.Sp > 4096)
            {
                return false;
            }
        }
        else
        {
            if (!TryReadStackBounds(cursor, task, out TargetAddress low, out TargetAddress high) || offset > high - low)
            {
                return false;
            }

            sp = high - offset;
            EnterTask(cursor, task, low, high);
        }

        TargetAddress frameEnd = sp + (ulong)depth;
        if (!cursor.Memory.TryReadAddress(frameEnd, out TargetAddress pc) || !_frames.TryGet(pc - 1, out _))
        {
            return false;
        }

        bool hasBp = cursor.Registers.TryGet(X64Register.Rbp, out ulong bp);
        if (hasBp && depth == 8 && bp != sp.Value && new TargetAddress(bp) > cursor.TaskStackLow && new TargetAddress(bp) <= cursor.TaskStackHigh)
        {
            // asmcgocall kept rbp at its own frame, so what call frame information restored through C must equal it;
            // unless a callback made the stack grow, which moves it and leaves the old address in C's frames.
            cursor.Disagreements++;
        }

        cursor.MoveTo(pc, frameEnd + 8, FoundBy.StackSwitch);
        if (depth >= 8 && cursor.Memory.TryReadAddress(frameEnd - 8, out TargetAddress savedBp))
        {
            cursor.Registers.Bp = savedBp;
        }
        else if (hasBp)
        {
            cursor.Registers.Bp = new TargetAddress(bp);
        }

        return true;
    }

    private StackStep StepCgoCallback(StackCursor cursor, int depth)
    {
        TargetAddress worker = WorkerOf(cursor);
        if (worker.IsZero)
        {
            return cursor.Fail(StackEnd.SwitchUnknown, cursor.Registers.Pc);
        }

        TargetAddress sp = cursor.OuterCallback;
        if (sp.IsZero
            && (!cursor.Memory.TryReadAddress(worker + Field(GoField.MG0), out TargetAddress g0)
                || !cursor.Memory.TryReadAddress(g0 + Field(GoField.GSchedSp), out sp)))
        {
            return cursor.Fail(StackEnd.MemoryUnreadable, worker);
        }

        // The thread's own frame of cgocallback is as large as the one on the goroutine's stack.
        TargetAddress frameEnd = sp + (ulong)depth;
        if (!cursor.Memory.TryReadAddress(sp, out TargetAddress outer)
            || !cursor.Memory.TryReadAddress(frameEnd, out TargetAddress pc))
        {
            return cursor.Fail(StackEnd.MemoryUnreadable, sp);
        }

        if (!_frames.TryGet(pc - 1, out GoFrameCache.Entry caller) || caller.Kind != GoFunctionKind.Crosscall2)
        {
            return cursor.Fail(StackEnd.SwitchInconsistent, sp);
        }

        cursor.OuterCallback = outer;
        cursor.MoveTo(pc, frameEnd + 8, FoundBy.StackSwitch);
        LeaveTask(cursor);
        return StackStep.Stepped;
    }

    // Three arguments for cgocallback, then what C wants kept: rbx, r12 to r15; rbp lies below the return address,
    // whether the assembler's prologue pushed it or PUSH_REGS_HOST_TO_ABI0 stored it (runtime/cgo/abi_amd64.h).
    private static StackStep StepCrossCall2(StackCursor cursor, int depth)
    {
        const int ArgumentBytes = 0x18;
        TargetAddress sp = cursor.Registers.Sp;
        TargetAddress frameEnd = sp + (ulong)depth;
        Span<byte> saved = stackalloc byte[5 * 8];
        if (depth < ArgumentBytes + (6 * 8)
            || !cursor.Memory.TryReadExactly(sp + ArgumentBytes, saved)
            || !cursor.Memory.TryReadUInt64(frameEnd - 8, out ulong bp)
            || !cursor.Memory.TryReadAddress(frameEnd, out TargetAddress pc))
        {
            return cursor.Fail(StackEnd.MemoryUnreadable, sp);
        }

        cursor.MoveTo(pc, frameEnd + 8, FoundBy.RuntimeTable);
        cursor.Registers.Set(X64Register.Rbx, BitConverter.ToUInt64(saved));
        cursor.Registers.Set(X64Register.R12, BitConverter.ToUInt64(saved[8..]));
        cursor.Registers.Set(X64Register.R13, BitConverter.ToUInt64(saved[16..]));
        cursor.Registers.Set(X64Register.R14, BitConverter.ToUInt64(saved[24..]));
        cursor.Registers.Set(X64Register.R15, BitConverter.ToUInt64(saved[32..]));
        cursor.Registers.Set(X64Register.Rbp, bp);
        return StackStep.Stepped;
    }

    private void ReturnFromVdso(StackCursor cursor)
    {
        if (cursor.FoundBy == FoundBy.Cfi && cursor.Registers.TryGet(X64Register.R12, out ulong sp))
        {
            cursor.Registers.Sp = new TargetAddress(sp);
            cursor.SwitchedStack = true;
            if (!cursor.Worker.IsZero
                && cursor.Memory.TryReadAddress(cursor.Worker + Field(GoField.MCurrentG), out TargetAddress task)
                && !task.IsZero)
            {
                TryEnterTask(cursor, task, cursor.Registers.Sp);
            }
        }
    }
}
