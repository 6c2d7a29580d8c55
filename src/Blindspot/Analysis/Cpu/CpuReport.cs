using Blindspot.Analysis.Profiles;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Analysis.Cpu;

/// <summary>Where a process spent its CPU time, and how well that was seen.</summary>
public sealed record CpuReport
{
    public required TargetDescription Target { get; init; }

    /// <summary>Values: samples (count), cpu (nanoseconds).</summary>
    public required Profile Profile { get; init; }

    public required SampleQuality Quality { get; init; }

    public required TimeSpan Elapsed { get; init; }

    /// <summary>CPU time of the whole process in that time, by the kernel's count; null where not known.</summary>
    public TimeSpan? ProcessTime { get; init; }

    public required IReadOnlyList<Gap> Gaps { get; init; }
}

/// <summary>How well a process was sampled.</summary>
/// <param name="Samples">Taken and walked.</param>
/// <param name="Complete">Walked to the start of their thread or task.</param>
/// <param name="Ends">Why the others ended, and how many did.</param>
/// <param name="Lost">Taken, and lost for lack of room.</param>
/// <param name="Failed">Not taken: the registers could not be told.</param>
/// <param name="Bytes">That came from the kernel.</param>
/// <param name="KernelTime">What taking them cost the target.</param>
public sealed record SampleQuality(
    long Samples, long Complete, IReadOnlyDictionary<StackEnd, long> Ends, long Lost, long Failed, long Bytes, TimeSpan KernelTime);
