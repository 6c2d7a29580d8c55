using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Blindspot.Target.Saved;

/// <summary>Cuts a stream of bytes into blocks and writes each as a zstd frame; several are compressed at once.</summary>
internal sealed class BlockWriter : IDisposable
{
    private static readonly int s_workers = Math.Clamp(Environment.ProcessorCount, 1, 8);

    private readonly Stream _output;
    private readonly Compressor[] _compressors;
    private readonly byte[][] _raw;
    private readonly byte[][] _compressed;
    private readonly int[] _compressedLengths;
    private readonly List<int> _lengths = [];
    private int _filled;
    private int _used;

    public BlockWriter(Stream output, int level)
    {
        _output = output;
        _compressors = new Compressor[s_workers];
        _raw = new byte[s_workers][];
        _compressed = new byte[s_workers][];
        _compressedLengths = new int[s_workers];
        for (int i = 0; i < s_workers; i++)
        {
            _compressors[i] = new Compressor(level);
            _compressors[i].SetParameter(ZSTD_cParameter.ZSTD_c_checksumFlag, 1);
            _raw[i] = GC.AllocateUninitializedArray<byte>(SnapshotFormat.BlockBytes);
            _compressed[i] = GC.AllocateUninitializedArray<byte>(Compressor.GetCompressBound(SnapshotFormat.BlockBytes));
        }
    }

    /// <summary>Bytes of data so far.</summary>
    public ulong Length { get; private set; }

    /// <summary>Compressed length of each block; complete after <see cref="Finish"/>.</summary>
    public IReadOnlyList<int> CompressedLengths => _lengths;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Length += (ulong)bytes.Length;
        while (!bytes.IsEmpty)
        {
            int count = Math.Min(bytes.Length, SnapshotFormat.BlockBytes - _used);
            bytes[..count].CopyTo(_raw[_filled].AsSpan(_used));
            bytes = bytes[count..];
            _used += count;
            if (_used == SnapshotFormat.BlockBytes)
            {
                _filled++;
                _used = 0;
                if (_filled == s_workers)
                {
                    Flush(_filled);
                }
            }
        }
    }

    /// <summary>Writes what is left. Nothing may be written after it.</summary>
    public void Finish() => Flush(_filled + (_used > 0 ? 1 : 0));

    /// <summary>Compresses one piece by itself, as the index is.</summary>
    public ReadOnlySpan<byte> CompressAlone(ReadOnlySpan<byte> bytes) => _compressors[0].Wrap(bytes);

    public void Dispose()
    {
        foreach (Compressor compressor in _compressors)
        {
            compressor.Dispose();
        }
    }

    private void Flush(int count)
    {
        Parallel.For(0, count, i =>
        {
            int length = i < _filled ? SnapshotFormat.BlockBytes : _used;
            _compressedLengths[i] = _compressors[i].Wrap(_raw[i].AsSpan(0, length), _compressed[i]);
        });
        for (int i = 0; i < count; i++)
        {
            _output.Write(_compressed[i], 0, _compressedLengths[i]);
            _lengths.Add(_compressedLengths[i]);
        }

        _filled = 0;
        _used = 0;
    }
}
