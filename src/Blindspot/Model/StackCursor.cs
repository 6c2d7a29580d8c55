using Blindspot.Arch.X64;
using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Model;

/// <summary>
/// A place on a stack while it is being unwound: the registers as they were in the current frame. Every way to step
/// (<see cref="IRuntimeStackSteps"/>, CFI, frame pointers) moves it to the caller. One cursor serves one walk at a time.
/// </summary>
public sealed class StackCursor(TargetMemory memory)
{
    /// <summary>The registers of the current frame, as far as they are known.</summary>
    public X64Registers Registers;

    public TargetMemory Memory { get; set; } = memory;

    /// <summary>The current pc is a return address (look-ups ask for the byte before it).</summary>
    public bool IsReturnAddress { get; set; }

    /// <summary>The module of the current pc; null in generated code or none.</summary>
    public Module? Module { get; set; }

    /// <summary>Thread pointer of the thread whose stack this is; zero when the walk began at a parked task.</summary>
    public TargetAddress ThreadPointer { get; set; }

    /// <summary>The runtime's structure of the task whose stack the cursor is on (Go's g), zero while on a thread's own stack.</summary>
    public TargetAddress Task { get; set; }

    /// <summary>The runtime's structure of the thread (Go's m), zero when not known or not one of the runtime's.</summary>
    public TargetAddress Worker { get; set; }

    /// <summary>The runtime's structure of the thread was looked for; where <see cref="Worker"/> is zero then, it has none.</summary>
    public bool WorkerIsKnown { get; set; }

    /// <summary>Bounds of the stack of <see cref="Task"/>, while that is not zero.</summary>
    public TargetAddress TaskStackLow { get; set; }

    public TargetAddress TaskStackHigh { get; set; }

    /// <summary>
    /// For runtimes whose callbacks form a chain of saved stack pointers: where the next outer one was saved; zero
    /// before the first.
    /// </summary>
    public TargetAddress OuterCallback { get; set; }

    /// <summary>The last step went to another stack, so the stack pointer need not have risen.</summary>
    public bool SwitchedStack { get; set; }

    /// <summary>How the current frame was found.</summary>
    public FoundBy FoundBy { get; set; }

    public StackEnd End { get; set; }

    /// <summary>Address that goes with <see cref="End"/>: where it could not go on.</summary>
    public TargetAddress EndAddress { get; set; }

    /// <summary>Where two sources of the same value were compared and differed, in this walk.</summary>
    public int Disagreements { get; set; }

    public bool IsOnTaskStack => !Task.IsZero && Registers.Sp > TaskStackLow && Registers.Sp <= TaskStackHigh;

    public void Begin(X64Registers registers, bool isReturnAddress)
    {
        Registers = registers;
        IsReturnAddress = isReturnAddress;
        Module = null;
        Task = TargetAddress.Zero;
        Worker = TargetAddress.Zero;
        WorkerIsKnown = false;
        ThreadPointer = TargetAddress.Zero;
        OuterCallback = TargetAddress.Zero;
        SwitchedStack = false;
        FoundBy = FoundBy.Registers;
        End = StackEnd.Complete;
        EndAddress = TargetAddress.Zero;
        Disagreements = 0;
    }

    /// <summary>Moves to a caller found in memory: its pc is a return address, and what a callee may clobber is not known any more.</summary>
    public void MoveTo(TargetAddress pc, TargetAddress sp, FoundBy foundBy)
    {
        Registers = X64Registers.Of(pc, sp);
        IsReturnAddress = true;
        FoundBy = foundBy;
        SwitchedStack |= foundBy == FoundBy.StackSwitch;
    }

    public FrameAddress Frame => IsReturnAddress
        ? FrameAddress.Return(Registers.Pc)
        : FrameAddress.Instruction(Registers.Pc);

    public StackStep Fail(StackEnd end, TargetAddress address)
    {
        End = end;
        EndAddress = address;
        return StackStep.End;
    }
}
