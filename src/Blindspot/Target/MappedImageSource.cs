using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target;

/// <summary>
/// A file as far as its PT_LOAD segments still tell it from a process's memory: for a module whose file is gone, or not
/// the one that was mapped. Writable data are those of the process; what is not loaded (the section table, debug
/// information) is a hole.
/// </summary>
public sealed class MappedImageSource : ByteSource
{
    private readonly TargetMemory _memory;
    private readonly ElfSegment[] _loads;

    private MappedImageSource(TargetMemory memory, ElfSegment[] loads, ulong bias)
    {
        _memory = memory;
        _loads = loads;
        LoadBias = bias;
        foreach (ElfSegment load in loads)
        {
            if (load.FileOffset <= long.MaxValue && load.FileSize <= long.MaxValue - load.FileOffset)
            {
                Length = Math.Max(Length, (long)(load.FileOffset + load.FileSize));
            }
        }
    }

    public override long Length { get; }

    public override bool IsWhole => false;

    public ulong LoadBias { get; }

    /// <summary>PT_LOAD segments by address.</summary>
    public IReadOnlyList<ElfSegment> LoadSegments => _loads;

    /// <param name="memory">The process's memory.</param>
    /// <param name="start">Where the first bytes of the file are mapped.</param>
    /// <param name="limits">Bounds the program headers.</param>
    /// <param name="what">Name for messages.</param>
    /// <exception cref="MalformedDataException">No ELF headers are there.</exception>
    public static MappedImageSource Open(TargetMemory memory, TargetAddress start, Limits limits, string what)
    {
        var headers = new MemoryRange(memory, start);
        var header = ElfHeader.Read(headers, what);
        ElfSegment[] segments = header.IsSupported ? ElfSegment.ReadAll(headers, header, limits.MaxSections, allowCut: false, what) : [];
        ElfSegment[] loads = Array.FindAll(segments, segment => segment.Type == ElfSegmentType.Load);
        Array.Sort(loads, (left, right) => left.Address.CompareTo(right.Address));
        int first = Array.FindIndex(loads, load => load.FileOffset < 0x1000);
        if (first < 0)
        {
            throw new MalformedDataException(what, 0, "no segment in memory holds the headers of the file");
        }

        return new MappedImageSource(memory, loads, start.Value - (loads[first].Address - loads[first].FileOffset));
    }

    public override int Read(long offset, Span<byte> destination)
    {
        int total = 0;
        while (total < destination.Length)
        {
            if (offset < 0 || !TryLocate((ulong)offset + (ulong)total, out TargetAddress address, out ulong available))
            {
                break;
            }

            int wanted = (int)Math.Min((ulong)(destination.Length - total), available);
            int read = _memory.Read(address, destination.Slice(total, wanted));
            total += read;
            if (read < wanted)
            {
                break;
            }
        }

        return total;
    }

    private bool TryLocate(ulong offset, out TargetAddress address, out ulong available)
    {
        foreach (ElfSegment load in _loads)
        {
            ulong into = offset - load.FileOffset;
            if (into < load.FileSize)
            {
                address = new TargetAddress(LoadBias + load.Address + into);
                available = load.FileSize - into;
                return true;
            }
        }

        address = default;
        available = 0;
        return false;
    }

    /// <summary>Memory from one address on, as a file.</summary>
    private sealed class MemoryRange(TargetMemory memory, TargetAddress start) : ByteSource
    {
        public override long Length => int.MaxValue;

        public override int Read(long offset, Span<byte> destination) => memory.Read(start + (ulong)offset, destination);
    }
}
