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
internal sealed partial class GoStackSteps(GoRuntime go) : IRuntimeStackSteps
{
    private readonly GoLayout? _layout = go.Layout;
    private readonly GoFrameCache _frames = new(go);

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

    public void LocateTask(StackCursor cursor, RuntimeTask task)
    {
        EnterTask(cursor, task.Address, task.StackLow, task.StackHigh);
        TellEntryFromReturn(cursor);
    }

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

            // They change stacks by the runtime's structures. Taken for plain frames they would lead to frames that are not
            // theirs, or past the C that lies between: cgocallback's return address is a false one.
            case GoFunctionKind.SystemStack or GoFunctionKind.Mcall or GoFunctionKind.MoreStack or GoFunctionKind.AsmCgoCall
                or GoFunctionKind.CgoCallback when _layout is null && cursor.IsReturnAddress:
                return cursor.Fail(StackEnd.SwitchUnknown, cursor.Registers.Pc);

            case GoFunctionKind.SystemStack or GoFunctionKind.Mcall or GoFunctionKind.MoreStack when !cursor.IsOnTaskStack && cursor.IsReturnAddress:
                return StepToCurrentTask(cursor, kind);

            case GoFunctionKind.AsmCgoCall when !cursor.IsOnTaskStack && hasDepth && _layout is not null:
                return StepAsmCgoCall(cursor, depth);

            case GoFunctionKind.CgoCallback when cursor.IsOnTaskStack && hasDepth:
                return StepCgoCallback(cursor, depth);

            case GoFunctionKind.Crosscall2 when cursor.IsReturnAddress && hasDepth:
                return StepCrossCall2(cursor, depth);

            case GoFunctionKind.VdsoCaller when !cursor.IsOnTaskStack:
                LeaveVdsoStack(cursor);
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

    // A saved pc that begins a function was put there by the runtime, and no call returns to it: a goroutine that has not run
    // yet (gostartcallfn), and one on systemstack up to Go 1.19 (systemstack_switch). The byte before is another function's.
    private void TellEntryFromReturn(StackCursor cursor)
    {
        if (_frames.TryGet(cursor.Registers.Pc, out GoFrameCache.Entry frame) && frame.IsEntry)
        {
            cursor.IsReturnAddress = false;
        }
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
}
