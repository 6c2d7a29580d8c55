namespace Blindspot.Primitives;

/// <summary>Bytes that are in memory already: a vDSO copied from the target, a test's forged file.</summary>
public sealed class BufferByteSource(ReadOnlyMemory<byte> bytes) : ByteSource
{
    public override long Length => bytes.Length;

    public override int Read(long offset, Span<byte> destination)
    {
        if (offset < 0 || offset >= bytes.Length)
        {
            return 0;
        }

        ReadOnlySpan<byte> from = bytes.Span[(int)offset..];
        int count = Math.Min(from.Length, destination.Length);
        from[..count].CopyTo(destination);
        return count;
    }
}
