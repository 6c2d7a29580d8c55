namespace Blindspot.Primitives;

/// <summary>Random access to bytes that may be larger than memory: a file read by pread, a buffer, a piece of a target's memory. Thread-safe.</summary>
public abstract class ByteSource : IDisposable
{
    /// <summary>Length in bytes at the time it was opened.</summary>
    public abstract long Length { get; }

    /// <summary>False where only parts of the file are there: what a process's memory or a saved snapshot holds of it.</summary>
    public virtual bool IsWhole => true;

    /// <summary>Whether the source claims to hold a range; where it does not, the range counts as not being in the file, not as damage.</summary>
    public virtual bool Has(long offset, long count) => true;

    /// <summary>Reads at <paramref name="offset"/>; returns the bytes read, fewer than asked only at the end or where the source has a hole.</summary>
    public abstract int Read(long offset, Span<byte> destination);

    /// <summary>A copy of the given range; malformed if it is not wholly there.</summary>
    public byte[] ReadExactly(long offset, long count, string what)
    {
        if (offset < 0 || count < 0 || count > Array.MaxLength || offset > Length - count)
        {
            throw new MalformedDataException(what, offset, $"{count} bytes at 0x{offset:x} reach past the end of the file ({Length} bytes)");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)count);
        if (Read(offset, bytes) != bytes.Length)
        {
            throw new MalformedDataException(what, offset, $"{count} bytes at 0x{offset:x} could not be read whole");
        }

        return bytes;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
