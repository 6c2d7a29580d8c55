using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Core;

/// <summary>
/// Memory as a core holds it: PT_LOAD segments, read by pread. Bytes past p_filesz were not dumped, which does not make
/// them zero (core(5)): nothing is read there unless the mapped file still tells them.
/// </summary>
internal sealed class CoreMemory : TargetMemory
{
    private readonly ByteSource _core;
    private readonly ElfSegment[] _loads;
    private readonly ulong[] _starts;
    private readonly List<CoreFileMapping> _mappings;
    private readonly Dictionary<string, FileByteSource?> _open = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private CoreFiles? _files;

    /// <param name="core">The core file.</param>
    /// <param name="loads">Its PT_LOAD segments by address.</param>
    /// <param name="mappings">NT_FILE, by address.</param>
    public CoreMemory(ByteSource core, ElfSegment[] loads, List<CoreFileMapping> mappings)
    {
        _core = core;
        _loads = loads;
        _mappings = mappings;
        _starts = Array.ConvertAll(loads, load => load.Address);
    }

    /// <summary>From now on pages that were not dumped are read from the files that were mapped there, as far as they are proved to be the same.</summary>
    public void UseFiles(CoreFiles files) => _files = files;

    public override int Read(TargetAddress address, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            int read = ReadPiece(unchecked(address.Value + (ulong)total), destination[total..]);
            if (read <= 0)
            {
                break;
            }

            total += read;
        }

        return total;
    }

    public void CloseFiles()
    {
        lock (_gate)
        {
            foreach (FileByteSource? file in _open.Values)
            {
                file?.Dispose();
            }

            _open.Clear();
            _files = null;
        }
    }

    private int ReadPiece(ulong address, Span<byte> destination)
    {
        int at = Array.BinarySearch(_starts, address);
        at = at < 0 ? ~at - 1 : at;
        ulong next = at + 1 < _starts.Length ? _starts[at + 1] : ulong.MaxValue;
        if (at < 0 || !_loads[at].Contains(address))
        {
            return ReadFile(address, Cut(destination, next - address));
        }

        ElfSegment load = _loads[at];
        ulong into = address - load.Address;
        if (into >= load.FileSize)
        {
            return ReadFile(address, Cut(destination, Math.Min(load.MemorySize - into, next - address)));
        }

        Span<byte> piece = Cut(destination, load.FileSize - into);
        ulong offset = unchecked(load.FileOffset + into);
        int read = offset < (ulong)_core.Length ? _core.Read((long)offset, piece) : 0;
        if (read == 0 && load.IsExecutable && !load.IsWritable)
        {
            // Cut off. Code that was dumped is what the file holds; data need not be.
            return ReadFile(address, piece);
        }

        return read;
    }

    private int ReadFile(ulong address, Span<byte> destination)
    {
        if (_files is null || !TryFindMapping(address, out CoreFileMapping mapping) || OpenFile(mapping.Path) is not { } file)
        {
            return 0;
        }

        ulong offset = unchecked(mapping.FileOffset + (address - mapping.Start));
        return offset > long.MaxValue ? 0 : file.Read((long)offset, Cut(destination, mapping.End - address));
    }

    private FileByteSource? OpenFile(string path)
    {
        lock (_gate)
        {
            if (!_open.TryGetValue(path, out FileByteSource? file))
            {
                file = _files?.Open(path);
                _open.Add(path, file);
            }

            return file;
        }
    }

    private bool TryFindMapping(ulong address, out CoreFileMapping mapping)
    {
        int low = 0;
        int high = _mappings.Count - 1;
        while (low <= high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (_mappings[middle].Start <= address)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        mapping = high >= 0 ? _mappings[high] : default;
        return high >= 0 && address < mapping.End;
    }

    private static Span<byte> Cut(Span<byte> destination, ulong length) =>
        (ulong)destination.Length > length ? destination[..(int)length] : destination;
}
