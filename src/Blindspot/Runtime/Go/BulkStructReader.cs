using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Reads the first bytes of many structures of one kind. They lie close together in the runtime's heap (all of one size
/// class share spans), so neighbours are fetched in one piece: fewer, longer reads of a few bytes more. A piece that
/// can't be read whole is read again structure by structure.
/// </summary>
internal sealed class BulkStructReader
{
    /// <summary>Structures this far apart are still fetched together.</summary>
    private const int MaxGap = 512;
    private const int MaxPiece = 64 << 10;
    private const int BatchBytes = 2 << 20;

    private readonly TargetMemory _memory;
    private readonly int _maxGap;
    private readonly int _size;
    private readonly ulong[] _addresses;
    private readonly int[] _order;
    private readonly byte[] _buffer;
    private readonly ReadRequest[] _requests;
    private int _next;
    private int _batchStart;
    private int _batchAt;
    private int _batchEnd;
    private int _request;

    /// <param name="addresses">Where the structures lie; any order, kept as it is.</param>
    /// <param name="size">Bytes wanted of each.</param>
    public BulkStructReader(TargetMemory memory, ReadOnlySpan<ulong> addresses, int size)
    {
        _memory = memory;
        _maxGap = memory.IsLogged ? 0 : MaxGap;
        _size = size;
        _addresses = addresses.ToArray();
        _order = new int[_addresses.Length];
        for (int i = 0; i < _order.Length; i++)
        {
            _order[i] = i;
        }

        Array.Sort(_addresses, _order);
        long span = (long)_addresses.Length * (size + MaxGap);
        _buffer = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(span, size, BatchBytes));
        _requests = new ReadRequest[Math.Max(1, Math.Min(_addresses.Length, (_buffer.Length / size) + 1))];
    }

    /// <summary>
    /// Goes to the next structure in order of address. <paramref name="bytes"/> is empty if it could not be read whole;
    /// it holds until the next call.
    /// </summary>
    public bool MoveNext(out int index, out ReadOnlySpan<byte> bytes)
    {
        if (_batchAt == _batchEnd && !FetchBatch())
        {
            index = 0;
            bytes = default;
            return false;
        }

        ulong address = _addresses[_batchAt];
        index = _order[_batchAt++];
        while (address >= _requests[_request].Address.Value + (ulong)_requests[_request].Length)
        {
            _request++;
        }

        ref ReadRequest request = ref _requests[_request];
        int into = (int)(address - request.Address.Value);
        if (into + _size <= request.BytesRead)
        {
            bytes = _buffer.AsSpan(request.BufferOffset + into, _size);
            return true;
        }

        // The batch's own place for it is not needed by others that were read, so it can be filled again.
        Span<byte> again = _buffer.AsSpan(request.BufferOffset + into, _size);
        bytes = _memory.Read(new TargetAddress(address), again) == _size ? again : default;
        return true;
    }

    private bool FetchBatch()
    {
        _batchStart = _next;
        int used = 0;
        int requests = 0;
        while (_next < _addresses.Length)
        {
            ulong address = _addresses[_next];
            ref ReadRequest last = ref _requests[Math.Max(0, requests - 1)];
            if (requests > 0 && address - last.Address.Value <= (ulong)(last.Length + _maxGap))
            {
                int length = Math.Max(last.Length, (int)(address - last.Address.Value) + _size);
                if (length <= Math.Max(MaxPiece, _size) && used - last.Length + length <= _buffer.Length)
                {
                    used += length - last.Length;
                    last.Length = length;
                    _next++;
                    continue;
                }
            }

            if (used + _size > _buffer.Length || requests == _requests.Length)
            {
                break;
            }

            _requests[requests++] = new ReadRequest(new TargetAddress(address), used, _size);
            used += _size;
            _next++;
        }

        _batchAt = _batchStart;
        _batchEnd = _next;
        _request = 0;
        if (_batchAt == _batchEnd)
        {
            return false;
        }

        _memory.ReadMany(_requests.AsSpan(0, requests), _buffer);
        return true;
    }
}
