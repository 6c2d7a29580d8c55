using Blindspot.Interop;

namespace Blindspot.Collect;

/// <summary>How a process is sampled.</summary>
public sealed record CpuSamplerOptions
{
    /// <summary>The most that may be asked for as <see cref="StackBytes"/>.</summary>
    public const int MaxStackBytes = WireSampling.MaxStackBytes;

    /// <summary>Ticks in a second on each processor, 1 to 10,000.</summary>
    public int Frequency { get; init; } = 99;

    /// <summary>The most that is copied of each of a thread's two stacks; only what is in use is.</summary>
    public int StackBytes { get; init; } = 32 << 10;

    /// <summary>What may wait to be read before samples are lost; a power of two.</summary>
    public int BufferBytes { get; init; } = 8 << 20;
}
