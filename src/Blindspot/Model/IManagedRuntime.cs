using Blindspot.Primitives;

namespace Blindspot.Model;

/// <summary>
/// What a language runtime found in a snapshot answers. Go's is the first; nothing above <c>Runtime/</c> knows more
/// of Go than this.
/// </summary>
public interface IManagedRuntime
{
    /// <summary>"go".</summary>
    string Kind { get; }

    /// <summary>As the runtime names it ("go1.27.4"); null when it could not be told.</summary>
    string? Version { get; }

    /// <summary>Every task that is not dead, in order of id. Empty, with a gap, where they could not be read.</summary>
    IReadOnlyList<RuntimeTask> Tasks { get; }

    /// <summary>The runtime's own threads (Go's Ms).</summary>
    IReadOnlyList<RuntimeWorker> Workers { get; }

    /// <summary>Null where the scheduler could not be read.</summary>
    RuntimeScheduler? Scheduler { get; }

    /// <summary>How stacks run through this runtime's code; null where that is not known.</summary>
    IRuntimeStackSteps? StackSteps { get; }

    /// <summary>Functions, inlined ones first, at an address of this runtime's own code; false if the address is not its.</summary>
    bool TryResolve(TargetAddress lookupAddress, List<Image.SourceFrame> frames);

    /// <summary>
    /// Reads a task again: its status and where its stack begins. Used to tell whether it moved while it was read.
    /// Returns null if it is gone.
    /// </summary>
    RuntimeTask? Reread(RuntimeTask task);
}
