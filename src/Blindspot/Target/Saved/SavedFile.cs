using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>The parts of a mapped file that a saved snapshot holds.</summary>
internal sealed class SavedFile(long length, SavedRanges ranges) : ByteSource
{
    public override long Length => length;

    public override bool IsWhole => false;

    public override bool Has(long offset, long count) => offset >= 0 && count >= 0 && ranges.Has((ulong)offset, (ulong)count);

    public override int Read(long offset, Span<byte> destination) => offset < 0 ? 0 : ranges.Read((ulong)offset, destination);
}
