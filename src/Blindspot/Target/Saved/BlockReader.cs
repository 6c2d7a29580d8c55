using Blindspot.Primitives;
using ZstdSharp;

namespace Blindspot.Target.Saved;

/// <summary>The data of a saved snapshot, block by block as they are asked for; those used last stay at hand. Thread-safe.</summary>
internal sealed class BlockReader : IDisposable
{
    private const int MaxKept = 1024;

    private readonly ByteSource _file;
    private readonly string _path;
    private readonly long[] _starts;
    private readonly int[] _lengths;
    private readonly ulong _total;
    private readonly Lock _gate = new();
    private readonly Decompressor _decompressor = new();
    private readonly Dictionary<int, LinkedListNode<(int Block, byte[] Bytes)>> _kept = [];
    private readonly LinkedList<(int Block, byte[] Bytes)> _order = [];

    /// <param name="file">The saved snapshot; stays the caller's.</param>
    /// <param name="lengths">Compressed length of each block, the first behind the header.</param>
    /// <param name="total">Bytes of data in all blocks.</param>
    /// <exception cref="MalformedDataException">The blocks do not fit into the file, or the data not into the blocks.</exception>
    public BlockReader(ByteSource file, string path, int[] lengths, ulong total)
    {
        _file = file;
        _path = path;
        _lengths = lengths;
        _total = total;
        _starts = new long[lengths.Length];
        long at = SnapshotFormat.HeaderSize;
        for (int i = 0; i < lengths.Length; i++)
        {
            _starts[i] = at;
            at += lengths[i];
        }

        if (at > file.Length || total > (ulong)lengths.Length * SnapshotFormat.BlockBytes)
        {
            throw new MalformedDataException(path, at, "its blocks reach past its end");
        }
    }

    /// <summary>Bytes of data.</summary>
    public ulong Length => _total;

    /// <exception cref="BlindspotException">The block is damaged.</exception>
    public int Read(ulong position, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length && position < _total)
        {
            int block = (int)(position / SnapshotFormat.BlockBytes);
            int into = (int)(position % SnapshotFormat.BlockBytes);
            byte[] bytes = Get(block);
            int count = Math.Min(bytes.Length - into, destination.Length - total);
            if (count <= 0)
            {
                break;
            }

            bytes.AsSpan(into, count).CopyTo(destination[total..]);
            total += count;
            position += (ulong)count;
        }

        return total;
    }

    public void Dispose() => _decompressor.Dispose();

    private byte[] Get(int block)
    {
        lock (_gate)
        {
            if (_kept.TryGetValue(block, out LinkedListNode<(int Block, byte[] Bytes)>? known))
            {
                _order.Remove(known);
                _order.AddFirst(known);
                return known.Value.Bytes;
            }

            byte[] bytes = Load(block);
            if (_kept.Count >= MaxKept)
            {
                _kept.Remove(_order.Last!.Value.Block);
                _order.RemoveLast();
            }

            _kept[block] = _order.AddFirst((block, bytes));
            return bytes;
        }
    }

    private byte[] Load(int block)
    {
        int length = (int)Math.Min(SnapshotFormat.BlockBytes, _total - ((ulong)block * SnapshotFormat.BlockBytes));
        byte[] bytes = GC.AllocateUninitializedArray<byte>(length);
        string? problem = null;
        try
        {
            byte[] compressed = _file.ReadExactly(_starts[block], _lengths[block], _path);
            if (_decompressor.Unwrap(compressed, bytes) != length)
            {
                problem = "it is shorter than it should be";
            }
        }
        catch (Exception exception) when (exception is ZstdException or MalformedDataException)
        {
            problem = exception.Message;
        }

        return problem is null ? bytes : throw new BlindspotException($"{_path} is damaged ({problem}, in block {block}): copy it again from where it was written.");
    }
}
