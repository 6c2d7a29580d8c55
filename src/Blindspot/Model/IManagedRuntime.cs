using Blindspot.Collect;
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

    /// <summary>What the runtime says of its own memory, read when it is first asked for; null where that is not known, with a gap.</summary>
    RuntimeMemory? OwnMemory { get; }

    /// <summary>What each runtime in here does with signals, read when first asked for; empty where that could not be found.</summary>
    IReadOnlyList<RuntimeSignals> Signals { get; }

    /// <summary>The program calls native code, or native code calls it (Go's cgo).</summary>
    bool UsesForeignCode { get; }

    /// <summary>How stacks run through this runtime's code; null where that is not known.</summary>
    IRuntimeStackSteps? StackSteps { get; }

    /// <summary>What a sampler needs to copy both stacks of a thread; null where that is not known.</summary>
    RuntimeStackHints? StackHints { get; }

    /// <summary>Functions, inlined ones first, at an address of this runtime's own code; false if the address is not its.</summary>
    bool TryResolve(TargetAddress lookupAddress, List<Image.SourceFrame> frames);

    /// <summary>The runtime's own machinery between the languages or under a parked task, which readers fold.</summary>
    bool IsPlumbing(string function);

    /// <summary>The address lies in code that this runtime compiled or links in as its own (Go's text, not C's).</summary>
    bool IsOwnCode(TargetAddress lookupAddress);

    /// <summary>Tells which tasks have the same status and stack position as when they were read: those whose stacks, copied in between, hold together.</summary>
    /// <param name="tasks">Indexes into <see cref="Tasks"/>.</param>
    /// <param name="unchanged">Set for each of them.</param>
    void RereadMany(ReadOnlySpan<int> tasks, Span<bool> unchanged);

    /// <summary>Reads these tasks anew into <see cref="Tasks"/>; one that is gone keeps what was known of it.</summary>
    void Refresh(IReadOnlyList<int> tasks);
}
