using Blindspot.Model;
using Blindspot.Target;

namespace Blindspot.Analysis.Stacks;

/// <summary>What the walk of one thread gave.</summary>
internal sealed class ThreadWalk
{
    public required ThreadSnapshot Thread { get; set; }

    public RuntimeWorker? Worker { get; init; }

    /// <summary>Index into the stack table.</summary>
    public int Stack { get; set; } = -1;

    /// <summary>Index of the task whose stack the walk came upon; -1 for none.</summary>
    public int Task { get; set; } = -1;

    /// <summary>Further tasks, of other runtimes, that the same stack ran through on its way to where the thread began.</summary>
    public List<int> OuterTasks { get; } = [];

    /// <summary>The leaf lies in the runtime's own code.</summary>
    public bool LeafIsRuntime { get; set; }

    /// <summary>Some frame lies in the runtime's own code.</summary>
    public bool TouchesRuntime { get; set; }

    /// <summary>Values of this stack that two sources told differently.</summary>
    public int Disagreements { get; set; }
}
