using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Tests.Image.Dwarf;

/// <summary>Memory with one readable piece.</summary>
internal sealed class BufferMemory(ulong start, byte[] bytes) : TargetMemory
{
    public override int Read(TargetAddress address, Span<byte> destination)
    {
        ulong at = unchecked(address.Value - start);
        if (at >= (ulong)bytes.Length)
        {
            return 0;
        }

        int count = Math.Min(destination.Length, bytes.Length - (int)at);
        bytes.AsSpan((int)at, count).CopyTo(destination);
        return count;
    }
}
