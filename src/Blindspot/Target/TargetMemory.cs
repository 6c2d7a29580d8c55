using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>The memory of a process, live, of a core, or saved. Nothing here stands for "could not read" but the count of bytes that were read. Thread-safe.</summary>
public abstract class TargetMemory
{
    /// <summary>What is read is kept for a saved snapshot: read no more than is wanted.</summary>
    public virtual bool IsLogged => false;

    /// <summary>
    /// The same memory, to look through much of it for something small; what was found must be read again here. Nothing
    /// that passes by is kept for a saved snapshot, and in one what was not kept reads as zeros.
    /// </summary>
    public virtual TargetMemory ForSearch => this;

    /// <summary>Reads from <paramref name="address"/> on; returns the bytes read before the first that cannot be (0 if none). Never changes the target's residency.</summary>
    public abstract int Read(TargetAddress address, Span<byte> destination);

    /// <summary>
    /// Reads many small pieces at once, the cheap way for a live process. Each request's bytes go to its own place in
    /// <paramref name="buffer"/>; its <see cref="ReadRequest.BytesRead"/> tells how many came.
    /// </summary>
    public virtual void ReadMany(Span<ReadRequest> requests, Span<byte> buffer)
    {
        for (int i = 0; i < requests.Length; i++)
        {
            ref ReadRequest request = ref requests[i];
            request.BytesRead = Read(request.Address, buffer.Slice(request.BufferOffset, request.Length));
        }
    }

    public bool TryReadExactly(TargetAddress address, Span<byte> destination) => Read(address, destination) == destination.Length;

    public bool TryReadUInt64(TargetAddress address, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bool read = TryReadExactly(address, bytes);
        value = read ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return read;
    }

    public bool TryReadUInt32(TargetAddress address, out uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        bool read = TryReadExactly(address, bytes);
        value = read ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;
        return read;
    }

    public bool TryReadAddress(TargetAddress address, out TargetAddress value)
    {
        bool read = TryReadUInt64(address, out ulong raw);
        value = new TargetAddress(raw);
        return read;
    }

    public bool TryReadBytes(TargetAddress address, int count, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = GC.AllocateUninitializedArray<byte>(count);
        if (Read(address, bytes) == count)
        {
            return true;
        }

        bytes = null;
        return false;
    }
}
