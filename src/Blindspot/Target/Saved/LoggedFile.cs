using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>A mapped file of which everything that is read is noted in a <see cref="ReadLog"/>.</summary>
internal sealed class LoggedFile(ByteSource inner, ByteLog log) : ByteSource
{
    public override long Length => inner.Length;

    public override bool IsWhole => inner.IsWhole;

    public override bool Has(long offset, long count) => inner.Has(offset, count);

    public override int Read(long offset, Span<byte> destination)
    {
        int read = inner.Read(offset, destination);
        log.Add((ulong)offset, destination[..read]);
        return read;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
