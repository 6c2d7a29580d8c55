using System.Buffers;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// The memory of a running process (process_vm_readv), present pages only: a page that the target has not touched, has
/// mapped of a file but not read, or that is swapped out is "not read" rather than brought in. Thread-safe.
/// </summary>
public sealed class LiveMemory : TargetMemory, IDisposable
{
    private readonly int _tid;
    private readonly PageMap? _pages;
    private readonly TargetAddress _vdsoStart;
    private readonly byte[] _vdso;

    private LiveMemory(int tid, PageMap? pages, TargetAddress vdsoStart, byte[] vdso)
    {
        _tid = tid;
        _pages = pages;
        _vdsoStart = vdsoStart;
        _vdso = vdso;
    }

    /// <summary>
    /// False once the process ended or replaced its program: what was read since then is not of the one that was
    /// opened. Always true where pagemap cannot be read.
    /// </summary>
    public bool IsAlive => _pages is null || _pages.IsAlive;

    public static LiveMemory Open(TargetProcess process, IReadOnlyList<MemoryMapping> mappings, GapLog gaps)
    {
        PageMap? pages = PageMap.TryOpen(process.MemoryThread, out Errno error);
        if (pages is null)
        {
            gaps.Add(
                "target",
                "residency-unknown",
                $"/proc/{process.Pid}/pagemap cannot be read ({error.Describe()}): reading may bring pages of the target into memory.");
        }

        (TargetAddress start, byte[] bytes) = Vdso.Find(mappings);
        return new LiveMemory(process.MemoryThread, pages, start, bytes);
    }

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        if (address - _vdsoStart < (ulong)_vdso.Length)
        {
            return ReadVdso(address, destination);
        }

        int present = _pages?.PresentBytes(address.Value, destination.Length) ?? destination.Length;
        return present == 0 ? 0 : ProcessMemory.Read(_tid, address.Value, destination[..present], out _);
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

    public void Dispose() => _pages?.Dispose();

    private void ReadBatch(Span<ReadRequest> requests, Span<RemotePiece> pieces, Span<byte> buffer)
    {
        for (int i = 0; i < requests.Length; i++)
        {
            pieces[i] = new RemotePiece(requests[i].Address.Value, requests[i].BufferOffset, requests[i].Length);
        }

        _pages?.CutToPresent(pieces);
        int done = 0;
        while (done < pieces.Length)
        {
            long read = ProcessMemory.ReadMany(_tid, pieces[done..], buffer, out _);
            while (done < pieces.Length && read >= pieces[done].Length)
            {
                read -= pieces[done].Length;
                requests[done].BytesRead = pieces[done].Length;
                done++;
            }

            // The call stops inside the first piece that it cannot read whole: go on behind that one.
            if (done < pieces.Length)
            {
                requests[done].BytesRead = (int)read;
                done++;
            }
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
