using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>A target's memory of which everything that is read is noted in a <see cref="ReadLog"/>.</summary>
internal sealed class LoggedMemory(TargetMemory inner, ReadLog log) : TargetMemory
{
    public override bool IsLogged => true;

    public override TargetMemory ForSearch => inner.ForSearch;

    public TargetMemory Inner => inner;

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        int read = inner.Read(address, destination);
        log.AddMemory(address, destination[..read]);
        return read;
    }

    public override void ReadMany(Span<ReadRequest> requests, Span<byte> buffer)
    {
        inner.ReadMany(requests, buffer);
        foreach (ref readonly ReadRequest request in requests)
        {
            log.AddMemory(request.Address, buffer.Slice(request.BufferOffset, request.BytesRead));
        }
    }
}
