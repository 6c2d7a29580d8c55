using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>One piece of a batched read.</summary>
/// <param name="Address">Where it begins in the target.</param>
/// <param name="BufferOffset">Where its bytes go in the caller's buffer.</param>
/// <param name="Length">How many bytes are wanted.</param>
public record struct ReadRequest(TargetAddress Address, int BufferOffset, int Length)
{
    /// <summary>Set by the read: how many bytes came, counted from the start.</summary>
    public int BytesRead { get; set; }
}
