namespace Blindspot.Interop;

/// <summary>One piece of another process's memory and its place in a local buffer.</summary>
internal record struct RemotePiece(ulong Address, int BufferOffset, int Length);

/// <summary>
/// Reading another address space (process_vm_readv(2)), and writing to it. It faults in what is not present there, so
/// callers ask pagemap first.
/// </summary>
internal static unsafe class ProcessMemory
{
    /// <summary>IOV_MAX (linux/uio.h): the most pieces that one call takes.</summary>
    internal const int MaxPieces = 1024;

    /// <summary>Bytes read before the first that cannot be; 0 with <paramref name="error"/> set when there is none.</summary>
    internal static int Read(int tid, ulong address, Span<byte> destination, out Errno error)
    {
        error = Errno.None;
        if (destination.IsEmpty)
        {
            return 0;
        }

        fixed (byte* buffer = destination)
        {
            Libc.IoVector local = new() { Base = (ulong)buffer, Length = (ulong)destination.Length };
            Libc.IoVector remote = new() { Base = address, Length = (ulong)destination.Length };
            nint read = Libc.ProcessVmReadv(tid, &local, 1, &remote, 1, 0);
            if (read < 0)
            {
                error = Libc.LastError;
                return 0;
            }

            return (int)read;
        }
    }

    /// <summary>
    /// Reads the pieces in turn, at most <see cref="MaxPieces"/>, and stops inside the first that cannot be read whole.
    /// Returns the bytes read in all.
    /// </summary>
    internal static long ReadMany(int tid, ReadOnlySpan<RemotePiece> pieces, Span<byte> buffer, out Errno error)
    {
        error = Errno.None;
        int count = Math.Min(pieces.Length, MaxPieces);
        Libc.IoVector* local = stackalloc Libc.IoVector[count];
        Libc.IoVector* remote = stackalloc Libc.IoVector[count];
        fixed (byte* start = buffer)
        {
            for (int i = 0; i < count; i++)
            {
                RemotePiece piece = pieces[i];
                if (piece.BufferOffset < 0 || piece.Length < 0 || piece.BufferOffset > buffer.Length - piece.Length)
                {
                    throw new ArgumentOutOfRangeException(nameof(pieces));
                }

                local[i].Base = (ulong)(start + piece.BufferOffset);
                local[i].Length = (ulong)piece.Length;
                remote[i].Base = piece.Address;
                remote[i].Length = (ulong)piece.Length;
            }

            nint read = Libc.ProcessVmReadv(tid, local, (nuint)count, remote, (nuint)count, 0);
            if (read < 0)
            {
                error = Libc.LastError;
                return 0;
            }

            return read;
        }
    }

    /// <summary>Whether all bytes were written (process_vm_writev(2)).</summary>
    internal static bool TryWrite(int tid, ulong address, ReadOnlySpan<byte> source)
    {
        fixed (byte* buffer = source)
        {
            Libc.IoVector local = new() { Base = (ulong)buffer, Length = (ulong)source.Length };
            Libc.IoVector remote = new() { Base = address, Length = (ulong)source.Length };
            return Libc.ProcessVmWritev(tid, &local, 1, &remote, 1, 0) == source.Length;
        }
    }

    /// <summary>Copies from our own address space; the range must be mapped and readable.</summary>
    internal static byte[] CopyOwn(ulong address, int count) => new ReadOnlySpan<byte>((void*)address, count).ToArray();
}
