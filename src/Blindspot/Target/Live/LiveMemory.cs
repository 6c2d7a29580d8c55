using System.Buffers;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// The memory of a running process, present pages only: a page that the target has not touched, has
/// mapped of a file but not read, or that is swapped out is "not read" rather than brought in. Thread-safe.
/// </summary>
public sealed class LiveMemory : TargetMemory, IDisposable
{
    private readonly RemoteMemory _remote;
    private readonly PageMap? _pages;
    private readonly TargetAddress _vdsoStart;
    private readonly byte[] _vdso;

    private LiveMemory(RemoteMemory remote, PageMap? pages, TargetAddress vdsoStart, byte[] vdso)
    {
        _remote = remote;
        _pages = pages;
        _vdsoStart = vdsoStart;
        _vdso = vdso;
    }

    /// <summary>
    /// False once the process ended or replaced its program: what was read since then is not of the one that was
    /// opened. Always true where pagemap cannot be read.
    /// </summary>
    public bool IsAlive => _pages is null || _pages.IsAlive;

    /// <summary>False once we may not read it any more: it has changed its user, or made itself undumpable.</summary>
    public bool IsPermitted => _remote.IsPermitted;

    /// <exception cref="BlindspotException">The process ended, or may not be read any more.</exception>
    public static LiveMemory Open(TargetProcess process, IReadOnlyList<MemoryMapping> mappings, GapLog gaps)
    {
        if (RemoteMemory.TryOpen(process.MemoryThread, out Errno refusal) is not { } remote)
        {
            throw new BlindspotException($"The memory of {process} cannot be read any more: {refusal.Describe()}.");
        }

        if (remote.CallError != Errno.None)
        {
            gaps.Add(
                "target",
                "process-vm-readv-unavailable",
                $"process_vm_readv cannot be used here ({remote.CallError.Describe()}), though we may read the process: a filter (seccomp) stands in the way. Its memory was read through /proc/{process.Pid}/mem, which takes longer.");
        }

        PageMap? pages = PageMap.TryOpen(process.MemoryThread, out Errno error);
        if (pages is null)
        {
            gaps.Add(
                "target",
                "residency-unknown",
                $"/proc/{process.Pid}/pagemap cannot be read ({error.Describe()}): reading may bring pages of the target into memory.");
        }

        (TargetAddress start, byte[] bytes) = Vdso.Find(mappings);
        return new LiveMemory(remote, pages, start, bytes);
    }

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        if (address - _vdsoStart < (ulong)_vdso.Length)
        {
            return ReadVdso(address, destination);
        }

        int present = _pages?.PresentBytes(address.Value, destination.Length) ?? destination.Length;
        return present == 0 ? 0 : _remote.Read(address.Value, destination[..present]);
    }

    public override void ReadMany(Span<ReadRequest> requests, Span<byte> buffer)
    {
        RemotePiece[] pieces = ArrayPool<RemotePiece>.Shared.Rent(ProcessMemory.MaxPieces);
        try
        {
            while (!requests.IsEmpty)
            {
                Span<ReadRequest> batch = requests[..Math.Min(requests.Length, ProcessMemory.MaxPieces)];
                ReadBatch(batch, pieces.AsSpan(0, batch.Length), buffer);
                requests = requests[batch.Length..];
            }
        }
        finally
        {
            ArrayPool<RemotePiece>.Shared.Return(pieces);
        }
    }

    public void Dispose()
    {
        _pages?.Dispose();
        _remote.Dispose();
    }

    private void ReadBatch(Span<ReadRequest> requests, Span<RemotePiece> pieces, Span<byte> buffer)
    {
        for (int i = 0; i < requests.Length; i++)
        {
            pieces[i] = new RemotePiece(requests[i].Address.Value, requests[i].BufferOffset, requests[i].Length);
        }

        _pages?.CutToPresent(pieces);
        _remote.ReadMany(pieces, buffer);
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i].BytesRead = pieces[i].Length;
        }

        if (_vdso.Length == 0)
        {
            return;
        }

        foreach (ref ReadRequest request in requests)
        {
            if (request.BytesRead == 0 && request.Address - _vdsoStart < (ulong)_vdso.Length)
            {
                request.BytesRead = ReadVdso(request.Address, buffer.Slice(request.BufferOffset, request.Length));
            }
        }
    }

    private int ReadVdso(TargetAddress address, Span<byte> destination)
    {
        ReadOnlySpan<byte> bytes = _vdso.AsSpan((int)(address - _vdsoStart));
        int count = Math.Min(bytes.Length, destination.Length);
        bytes[..count].CopyTo(destination);
        return count;
    }
}
