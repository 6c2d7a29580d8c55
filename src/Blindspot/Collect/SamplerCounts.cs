namespace Blindspot.Collect;

/// <summary>What the sampler did until now, by its own count in the kernel.</summary>
/// <param name="Samples">Sent to us.</param>
/// <param name="Lost">For lack of room in the buffer: the reader was too slow.</param>
/// <param name="Failed">The registers could not be told.</param>
/// <param name="Bytes">Sent to us.</param>
/// <param name="KernelTime">What the target's samples took in the kernel's BPF program, of the target's own CPU time.</param>
public readonly record struct SamplerCounts(long Samples, long Lost, long Failed, long Bytes, TimeSpan KernelTime);
