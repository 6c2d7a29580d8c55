using Blindspot.Arch.X64;
using Blindspot.Image;
using Blindspot.Image.Dwarf.Frames;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Unwind;

/// <summary>
/// Walks a stack from its leaf to the start of its thread or task, through C and through a runtime's code alike. One
/// unwinder serves one walk at a time; several may share the modules.
/// </summary>
/// <remarks>
/// Every frame is asked of the sources in turn, the surest first: the runtime's own steps, call frame information, the
/// kernel's signal frame, the code itself, and last the chain of frame pointers. Which one told is kept with the
/// frame, and so is the reason where none could.
/// </remarks>
public sealed class StackUnwinder
{
    private readonly ModuleMap _modules;
    private readonly IRuntimeStackSteps? _runtime;
    private readonly ModuleCallFrames _callFrames;
    private readonly Limits _limits;
    private readonly CodeFrames _codeFrames;
    private readonly StackCursor _cursor;

    public StackUnwinder(ModuleMap modules, ModuleCallFrames callFrames, TargetMemory memory, IRuntimeStackSteps? runtime, Limits limits)
    {
        _modules = modules;
        _callFrames = callFrames;
        _runtime = runtime;
        _limits = limits;
        _codeFrames = new CodeFrames(modules);
        _cursor = new StackCursor(memory);
    }

    /// <summary>The stack of a thread.</summary>
    /// <param name="worker">The runtime's structure for the thread, where known; else it is looked for by the thread pointer.</param>
    public void UnwindThread(X64ThreadState state, TargetAddress worker, TargetMemory memory, UnwoundStack into) =>
        UnwindThread(state.Registers, state.FsBase ?? TargetAddress.Zero, worker, memory, into);

    /// <summary>The same, of a thread's registers as they are in a sample.</summary>
    public void UnwindThread(in X64Registers registers, TargetAddress threadPointer, TargetAddress worker, TargetMemory memory, UnwoundStack into)
    {
        into.Clear();
        _cursor.Memory = memory;
        _cursor.Begin(registers, isReturnAddress: false);
        _cursor.ThreadPointer = threadPointer;
        _cursor.Worker = worker;
        _cursor.WorkerIsKnown = !worker.IsZero;
        _runtime?.Locate(_cursor);
        Walk(into);
    }

    /// <summary>The stack of a task that is not on a thread, from the registers that the runtime saved for it.</summary>
    public void UnwindTask(RuntimeTask task, TargetMemory memory, UnwoundStack into)
    {
        into.Clear();
        if (task.Saved is not { } saved)
        {
            into.End = StackEnd.NoRegisters;
            return;
        }

        _cursor.Memory = memory;

        // The saved pc is where the task goes on: behind the call that parked it.
        _cursor.Begin(saved, isReturnAddress: true);
        _runtime?.LocateTask(_cursor, task);
        Walk(into);
    }

    private void Walk(UnwoundStack into)
    {
        StackCursor cursor = _cursor;
        while (true)
        {
            FrameAddress address = cursor.Frame;
            TargetAddress sp = cursor.Registers.Sp;
            cursor.Module = _modules.Find(address.LookupAddress);
            into.Frames.Add(new UnwoundFrame(address, sp, cursor.Module, cursor.Task, cursor.FoundBy));
            if (into.Frames.Count >= _limits.MaxFrames)
            {
                cursor.Fail(StackEnd.TooManyFrames, address.Address);
                break;
            }

            cursor.SwitchedStack = false;
            StackStep step = _runtime?.TryStep(cursor) ?? StackStep.NotMine;
            if (step == StackStep.NotMine)
            {
                step = StepNative(cursor, isLeaf: into.Frames.Count == 1);
            }

            if (step == StackStep.End)
            {
                break;
            }

            if (cursor.Registers.Pc.IsZero)
            {
                cursor.Fail(StackEnd.Complete, TargetAddress.Zero);
                break;
            }

            if (cursor.FoundBy == FoundBy.SignalFrame)
            {
                into.Frames[^1] = into.Frames[^1] with { IsSignalReturn = true };
                _runtime?.Locate(cursor);
            }
            else if (!cursor.SwitchedStack && cursor.Registers.Sp <= sp)
            {
                cursor.Fail(StackEnd.NotAscending, sp);
                break;
            }
        }

        into.End = cursor.End;
        into.EndAddress = cursor.EndAddress;
        into.Disagreements = cursor.Disagreements;
    }

    private StackStep StepNative(StackCursor cursor, bool isLeaf)
    {
        if (cursor.Module is { } module)
        {
            StackStep step = StepByCallFrames(cursor, module);
            if (step != StackStep.NotMine)
            {
                return step;
            }

            if (TryStepSignalFrame(cursor) || EpilogueScan.TryStep(cursor) || _codeFrames.TryStep(cursor))
            {
                return StackStep.Stepped;
            }

            if (CodeFrames.IsOutermost(cursor))
            {
                return cursor.Fail(StackEnd.Complete, TargetAddress.Zero);
            }
        }
        else if (isLeaf && TryStepFromBadCall(cursor))
        {
            return StackStep.Stepped;
        }

        if (TryStepFramePointer(cursor))
        {
            return StackStep.Stepped;
        }

        return cursor.Fail(cursor.Module is null ? StackEnd.NotInCode : StackEnd.NoUnwindInfo, cursor.Registers.Pc);
    }

    private StackStep StepByCallFrames(StackCursor cursor, Module module)
    {
        ImageOffset pc = module.ToImage(cursor.Frame.LookupAddress);
        switch (_callFrames.FindRow(module, pc, out CallFrameRow row))
        {
            case CallFrameLookup.NotFound:
                return StackStep.NotMine;
            case CallFrameLookup.Malformed:
                return cursor.Fail(StackEnd.MalformedUnwindInfo, cursor.Registers.Pc);
        }

        TargetAddress before = cursor.Registers.Pc;
        CallFrameStepResult result = CallFrameStepper.Step(row, ref cursor.Registers, cursor.Memory, module.LoadBias, out TargetAddress failedAt);
        switch (result)
        {
            case CallFrameStepResult.Stepped:
                cursor.IsReturnAddress = !row.IsSignalFrame;
                cursor.FoundBy = row.IsSignalFrame ? FoundBy.SignalFrame : FoundBy.Cfi;
                return StackStep.Stepped;
            case CallFrameStepResult.EndOfStack:
                return cursor.Fail(StackEnd.Complete, TargetAddress.Zero);
            case CallFrameStepResult.MemoryUnreadable:
                return cursor.Fail(StackEnd.MemoryUnreadable, failedAt);
            case CallFrameStepResult.RegisterUnknown:
                if (CallerSearch.TryStep(cursor, row, module, _modules))
                {
                    return StackStep.Stepped;
                }

                return cursor.Fail(StackEnd.RegisterUnknown, before);
            default:
                return cursor.Fail(StackEnd.MalformedUnwindInfo, before);
        }
    }

    private static bool TryStepSignalFrame(StackCursor cursor)
    {
        Span<byte> code = stackalloc byte[X64SignalFrame.RestorerBytes];
        int read = CodeBytes.Read(cursor.Memory, cursor.Module, cursor.Registers.Pc, code);
        if (!X64SignalFrame.IsRestorer(code[..read]))
        {
            return false;
        }

        Span<byte> context = stackalloc byte[X64SignalFrame.ContextBytes];
        if (!cursor.Memory.TryReadExactly(cursor.Registers.Sp, context))
        {
            return false;
        }

        cursor.Registers = X64SignalFrame.Restore(context);
        cursor.IsReturnAddress = false;
        cursor.FoundBy = FoundBy.SignalFrame;
        return true;
    }

    // A call through a bad pointer: the leaf is nowhere, and the return address lies on top of the stack.
    private bool TryStepFromBadCall(StackCursor cursor)
    {
        TargetAddress sp = cursor.Registers.Sp;
        if (!cursor.Memory.TryReadAddress(sp, out TargetAddress pc) || _modules.Find(pc) is null)
        {
            return false;
        }

        cursor.Registers.Pc = pc;
        cursor.Registers.Sp = sp + 8;
        cursor.IsReturnAddress = true;
        cursor.FoundBy = FoundBy.ReturnAddress;
        return true;
    }

    private bool TryStepFramePointer(StackCursor cursor)
    {
        if (!cursor.Registers.TryGet(X64Register.Rbp, out ulong bp)
            || bp < cursor.Registers.Sp.Value
            || (bp & 7) != 0
            || !cursor.Memory.TryReadUInt64(new TargetAddress(bp), out ulong outer)
            || !cursor.Memory.TryReadAddress(new TargetAddress(bp) + 8, out TargetAddress pc)
            || (_modules.Find(pc - 1) is null && (cursor.Module is not null || outer <= bp)))
        {
            return false;
        }

        cursor.MoveTo(pc, new TargetAddress(bp) + 16, FoundBy.FramePointer);
        cursor.Registers.Bp = new TargetAddress(outer);
        return true;
    }
}
