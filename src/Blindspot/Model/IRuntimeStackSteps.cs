namespace Blindspot.Model;

/// <summary>A runtime's own ways up a stack, which no call frame information describes: its frames, and its switches to other stacks.</summary>
public interface IRuntimeStackSteps
{
    /// <summary>
    /// Takes the cursor one frame up, if the frame is this runtime's or is a switch that this runtime made.
    /// </summary>
    StackStep TryStep(StackCursor cursor);
}
