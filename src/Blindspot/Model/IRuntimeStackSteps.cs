namespace Blindspot.Model;

/// <summary>A runtime's own ways up a stack, which no call frame information describes: its frames, and its switches to other stacks.</summary>
public interface IRuntimeStackSteps
{
    /// <summary>
    /// Called before the first step, and after a signal frame: finds out from the registers on which task's stack the
    /// cursor stands, if on any, and whose thread it is where that is not known yet.
    /// </summary>
    void Locate(StackCursor cursor);

    /// <summary>Prepares the walk of a task that is not on a thread: its stack, and the thread that it is bound to.</summary>
    void LocateTask(StackCursor cursor, RuntimeTask task);

    /// <summary>
    /// Takes the cursor one frame up, if the frame is this runtime's or is a switch that this runtime made.
    /// </summary>
    StackStep TryStep(StackCursor cursor);
}
