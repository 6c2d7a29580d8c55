namespace Blindspot.Primitives;

/// <summary>Which parts of a table were used, so that a saved snapshot holds no others. Thread-safe: marks only come.</summary>
/// <param name="length">Bytes of the table.</param>
public sealed class UseMap(long length)
{
    private const int GrainShift = 5;

    private readonly bool[] _used = new bool[(length + (1 << GrainShift) - 1) >> GrainShift];

    public long Length => length;

    /// <summary>Notes that some bytes were used. Whatever lies outside of the table is ignored.</summary>
    public void Mark(long offset, long count)
    {
        long first = Math.Max(0, offset);
        long end = Math.Min(length, offset + count);
        for (long grain = first >> GrainShift; grain << GrainShift < end; grain++)
        {
            _used[grain] = true;
        }
    }

    /// <summary>Clears the bytes that were not used.</summary>
    /// <param name="bytes">Part of the table.</param>
    /// <param name="offset">Where in the table it begins.</param>
    public void ClearUnused(Span<byte> bytes, long offset)
    {
        for (int i = 0; i < bytes.Length;)
        {
            long grain = (offset + i) >> GrainShift;
            int end = (int)Math.Min(bytes.Length, ((grain + 1) << GrainShift) - offset);
            if (!_used[grain])
            {
                bytes[i..end].Clear();
            }

            i = end;
        }
    }
}
