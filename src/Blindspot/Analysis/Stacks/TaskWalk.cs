using Blindspot.Target;

namespace Blindspot.Analysis.Stacks;

/// <summary>What the walk of one task gave.</summary>
internal struct TaskWalk
{
    /// <summary>Index into the stack table; -1 before it was walked.</summary>
    public int Stack;

    /// <summary>Index of the thread it was found on; -1 for none.</summary>
    public int Thread;

    public Consistency Consistency;
}
