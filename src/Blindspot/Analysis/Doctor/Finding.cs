using Blindspot.Symbols;

namespace Blindspot.Analysis.Doctor;

/// <summary>Something that is wrong with a process, or good to know of it, as a rule found it.</summary>
public sealed record Finding
{
    /// <summary>"R2": the page docs/rules/R2.md tells of it.</summary>
    public required string Rule { get; init; }

    public required Severity Severity { get; init; }

    public required Certainty Certainty { get; init; }

    /// <summary>What is the matter, in a line.</summary>
    public required string Title { get; init; }

    /// <summary>What follows, in plain words.</summary>
    public required string Consequence { get; init; }

    /// <summary>Whose code it is; null where that is not known, or nobody's.</summary>
    public Culprit? Culprit { get; init; }

    public required IReadOnlyList<Evidence> Evidence { get; init; }

    /// <summary>What to do; null where there is nothing to be done.</summary>
    public string? Advice { get; init; }

    /// <summary>How much harm it does beside others of its severity: of two, the one with more comes first.</summary>
    public double Weight { get; init; }
}

/// <summary>A place in code, and who runs it.</summary>
/// <param name="Code">Null where only the thread is known.</param>
/// <param name="Thread">Tid (ours); null where it is no thread's.</param>
/// <param name="Task">Id of the task that runs it; null if none.</param>
public sealed record Culprit(SymbolFrame? Code, int? Thread = null, long? Task = null);

/// <summary>Something that was seen.</summary>
/// <param name="What">"handler of SIGPROF".</param>
/// <param name="Value">"0x7f12… on_prof (libx.so, x.c:88)".</param>
/// <param name="Source">Where it was read: "kernel (BPF)", "/proc/PID/status", "runtime.handlingSig".</param>
public sealed record Evidence(string What, string Value, string Source);
