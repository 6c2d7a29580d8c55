using Blindspot.Interop;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Target.Live;

/// <summary>
/// Another process's address space: by process_vm_readv, or by /proc/PID/mem where only that is allowed (container
/// runtimes forbid the system call by a filter, and both ask for the same rights). Brings in pages that are not present:
/// callers ask pagemap first. Thread-safe.
/// </summary>
internal sealed class RemoteMemory : IDisposable
{
    private readonly int _tid;
    private readonly SafeFileHandle? _file;

    private RemoteMemory(int tid, SafeFileHandle? file, Errno callError)
    {
        _tid = tid;
        _file = file;
        CallError = callError;
    }

    /// <summary>Why process_vm_readv cannot be used, so that the file is; None where it can.</summary>
    internal Errno CallError { get; }

    /// <summary>Whether we still have the right to read it: a process that changes its user or program may take it away.</summary>
    internal bool IsPermitted => _file is not null || Probe(_tid) is not (Errno.NotPermitted or Errno.AccessDenied);

    /// <summary>Null where it may not be read (PTRACE_MODE_ATTACH, ptrace(2) "Ptrace access mode checking"), or is gone.</summary>
    internal static RemoteMemory? TryOpen(int tid, out Errno error)
    {
        error = Probe(tid);
        if (error is Errno.None or Errno.Fault)
        {
            return new RemoteMemory(tid, null, Errno.None);
        }

        SafeFileHandle? file = error == Errno.NoProcess ? null : RawFile.TryOpen($"/proc/{tid}/mem", out _);
        return file is null ? null : new RemoteMemory(tid, file, error);
    }

    /// <summary>Bytes read before the first that cannot be.</summary>
    internal int Read(ulong address, Span<byte> destination) => _file is null
        ? ProcessMemory.Read(_tid, address, destination, out _)
        : ReadFile(_file, address, destination);

    /// <summary>Reads each piece as far as it goes and sets its length to what came. At most <see cref="ProcessMemory.MaxPieces"/>.</summary>
    internal void ReadMany(Span<RemotePiece> pieces, Span<byte> buffer)
    {
        if (_file is not null)
        {
            foreach (ref RemotePiece piece in pieces)
            {
                piece.Length = ReadFile(_file, piece.Address, buffer.Slice(piece.BufferOffset, piece.Length));
            }

            return;
        }

        int done = 0;
        while (done < pieces.Length)
        {
            long read = ProcessMemory.ReadMany(_tid, pieces[done..], buffer, out _);
            while (done < pieces.Length && read >= pieces[done].Length)
            {
                read -= pieces[done].Length;
                done++;
            }

            // The call stops inside the first piece that it cannot read whole: go on behind that one.
            if (done < pieces.Length)
            {
                pieces[done].Length = (int)read;
                done++;
            }
        }
    }

    public void Dispose() => _file?.Dispose();

    // Rights are checked before the address, and address 0 is never mapped.
    private static Errno Probe(int tid)
    {
        Span<byte> one = stackalloc byte[1];
        _ = ProcessMemory.Read(tid, 0, one, out Errno error);
        return error;
    }

    private static int ReadFile(SafeFileHandle file, ulong address, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = RawFile.ReadAt(file, (long)address + total, destination[total..]);
            if (read <= 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }
}
