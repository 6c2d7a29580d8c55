namespace Blindspot.Interop;

/// <summary>
/// The reader's side of a BPF ring buffer (kernel/bpf/ringbuf.c): a page with our position, which we write, one with the
/// writer's, and the data twice in a row, so that no record is broken at the end. One thread reads.
/// </summary>
internal sealed unsafe class BpfRingBuffer : IDisposable
{
    private const nuint PageBytes = 4096;
    private const int HeaderBytes = 8;
    private const uint Busy = 1u << 31;
    private const uint Discarded = 1u << 30;

    private readonly int _descriptor;
    private readonly nuint _bytes;
    private long* _consumer;
    private byte* _producer;
    private ulong _position;
    private ulong _next;

    private BpfRingBuffer(int descriptor, nuint bytes, void* consumer, void* producer)
    {
        _descriptor = descriptor;
        _bytes = bytes;
        _consumer = (long*)consumer;
        _producer = (byte*)producer;
    }

    /// <param name="mapDescriptor">Of the map, and the caller's.</param>
    /// <param name="bytes">Its size.</param>
    internal static BpfRingBuffer Map(int mapDescriptor, uint bytes)
    {
        const int readable = 1;
        const int writable = 2;
        const int shared = 1;
        void* consumer = Libc.Map(null, PageBytes, readable | writable, shared, mapDescriptor, 0);
        if ((nint)consumer == -1)
        {
            throw BpfException.Of("mapping the ring buffer", Libc.LastError);
        }

        void* producer = Libc.Map(null, PageBytes + (2 * (nuint)bytes), readable, shared, mapDescriptor, (nint)PageBytes);
        if ((nint)producer == -1)
        {
            Errno error = Libc.LastError;
            _ = Libc.Unmap(consumer, PageBytes);
            throw BpfException.Of("mapping the ring buffer", error);
        }

        return new BpfRingBuffer(mapDescriptor, bytes, consumer, producer);
    }

    /// <summary>The oldest record, in place until <see cref="Advance"/>; false while there is none.</summary>
    internal bool TryPeek(out ReadOnlySpan<byte> record)
    {
        while (_producer is not null && _position < (ulong)Volatile.Read(ref *(long*)_producer))
        {
            byte* header = _producer + PageBytes + (_position & (_bytes - 1));
            uint length = Volatile.Read(ref *(uint*)header);
            if ((length & Busy) != 0)
            {
                break;
            }

            uint size = length & ~Discarded;
            _next = _position + ((size + HeaderBytes + 7) & ~7UL);
            if ((length & Discarded) == 0)
            {
                record = new ReadOnlySpan<byte>(header + HeaderBytes, (int)size);
                return true;
            }

            Advance();
        }

        record = default;
        return false;
    }

    /// <summary>Gives the room of the record that was peeked at back.</summary>
    internal void Advance()
    {
        _position = _next;
        Volatile.Write(ref *_consumer, (long)_position);
    }

    /// <summary>Waits until the writer wakes us up or the time is over.</summary>
    internal void Wait(int milliseconds)
    {
        const short readable = 1;
        Libc.PollDescriptor waited = new() { Descriptor = _descriptor, Events = readable };
        _ = Libc.Poll(&waited, 1, milliseconds);
    }

    public void Dispose()
    {
        if (_producer is not null)
        {
            _ = Libc.Unmap(_producer, PageBytes + (2 * _bytes));
            _ = Libc.Unmap(_consumer, PageBytes);
            _producer = null;
            _consumer = null;
        }
    }
}
