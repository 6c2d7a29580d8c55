using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Target.Core;

/// <summary>
/// Permissions of mappings that a core leaves out: gcore writes no PT_LOAD at all for code that can be read from its
/// file. NT_FILE still tells where it was, and the image's own program headers what it was.
/// </summary>
internal sealed class CoreImagePermissions(CoreMemory dumped, CoreFiles files, Limits limits)
{
    private const ulong PageMask = 0xfff;

    private readonly Dictionary<ulong, ElfSegment[]> _images = [];

    /// <summary>The mapping with its true permissions; as it is where nothing tells them.</summary>
    /// <param name="mapping">A mapping that no segment of the core describes.</param>
    /// <param name="headers">Where the first page of the same file is mapped below it.</param>
    public MemoryMapping Complete(MemoryMapping mapping, TargetAddress headers)
    {
        if (!_images.TryGetValue(headers.Value, out ElfSegment[]? loads))
        {
            loads = ReadLoads(mapping.Path, headers);
            _images.Add(headers.Value, loads);
        }

        if (loads.Length == 0)
        {
            return mapping;
        }

        ulong bias = headers.Value - (loads[0].Address & ~PageMask);
        ElfSegment? found = null;
        foreach (ElfSegment load in loads)
        {
            // Later segments win: where two share a page of the image, the later was mapped over the earlier.
            ulong start = bias + (load.Address & ~PageMask);
            if (mapping.Start.Value - start < load.MemorySize + (load.Address & PageMask))
            {
                found = load;
            }
        }

        return found is { } segment
            ? mapping with { Permissions = $"{(segment.IsReadable ? 'r' : '-')}{(segment.IsWritable ? 'w' : '-')}{(segment.IsExecutable ? 'x' : '-')}p" }
            : mapping;
    }

    private ElfSegment[] ReadLoads(string path, TargetAddress headers)
    {
        try
        {
            using var mapped = MappedImageSource.Open(dumped, headers, limits, path);
            return [.. mapped.LoadSegments];
        }
        catch (MalformedDataException)
        {
            // Not dumped; then the file, if it is the right one.
        }

        try
        {
            using FileByteSource? file = files.Open(path);
            if (file is null)
            {
                return [];
            }

            var header = ElfHeader.Read(file, path);
            ElfSegment[] loads = header.IsSupported
                ? Array.FindAll(ElfSegment.ReadAll(file, header, limits.MaxSections, allowCut: false, path), segment => segment.Type == ElfSegmentType.Load)
                : [];
            Array.Sort(loads, (left, right) => left.Address.CompareTo(right.Address));
            return loads;
        }
        catch (MalformedDataException)
        {
            return [];
        }
    }
}
