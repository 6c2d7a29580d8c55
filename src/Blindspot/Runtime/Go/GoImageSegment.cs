using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>A segment of a module's file.</summary>
/// <param name="Address">Where it lies in the image.</param>
/// <param name="Size">Bytes in memory, .bss included.</param>
/// <param name="Alignment">A power of two, or 0 or 1.</param>
/// <param name="IsWritable">May be written (also when the dynamic linker protects it later).</param>
/// <param name="IsExecutable">Holds code.</param>
public sealed record GoImageSegment(ImageOffset Address, ulong Size, ulong Alignment, bool IsWritable, bool IsExecutable)
{
    public bool Contains(ImageOffset address) => address.Value - Address.Value < Size;
}
