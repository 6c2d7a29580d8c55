using Blindspot.Arch.X64;
using Blindspot.Image.Pclntab;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>The switches between stacks; the essay is at the head of the other part.</summary>
internal sealed partial class GoStackSteps
{
    // Up to Go 1.21 asmcgocall reserved 64 bytes, for the register area of Windows' ABI; since 1.22 it takes 16.
    private const int FirstMinorWithSmallFrame = 22;

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

        if (!TryEnterTask(cursor, task, sp) || !_frames.TryGet(pc, out _))
        {
            LeaveTask(cursor);
            return cursor.Fail(StackEnd.SwitchInconsistent, task);
        }

        cursor.MoveTo(pc, sp, FoundBy.StackSwitch);
        cursor.Registers.Bp = bp;
        TellEntryFromReturn(cursor);
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

    // nanotime1, walltime and time.now go to the top of g0's stack for the vDSO's sake, with Go's stack pointer in r12, which
    // C keeps (runtime/sys_linux_amd64.s, runtime/time_linux_amd64.s). A thread may be seen in the vDSO, or in these
    // functions themselves before or after; then r12 counts only if it fits.
    private void LeaveVdsoStack(StackCursor cursor)
    {
        if (!cursor.Registers.TryGet(X64Register.R12, out ulong value))
        {
            return;
        }

        var sp = new TargetAddress(value);
        bool isOnTask = !cursor.Worker.IsZero
            && cursor.Memory.TryReadAddress(cursor.Worker + Field(GoField.MCurrentG), out TargetAddress task)
            && !task.IsZero
            && TryEnterTask(cursor, task, sp);

        // On g0 already: room for the result, and alignment.
        const ulong MostBelow = 48;
        bool isNear = sp > cursor.Registers.Sp && sp - cursor.Registers.Sp <= MostBelow;
        if (isOnTask || isNear)
        {
            cursor.Registers.Sp = sp;
            cursor.SwitchedStack = true;
        }
    }
}
