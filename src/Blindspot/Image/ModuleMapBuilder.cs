using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;
using Blindspot.Target;

namespace Blindspot.Image;

/// <summary>
/// Makes modules of mappings. Mappings of one file belong together; where its code is mapped at several biases (dlmopen)
/// each bias is a module of its own, and they share the image.
/// </summary>
internal sealed class ModuleMapBuilder(Snapshot snapshot, ImageCache cache, GapLog gaps, Limits limits, ImageSearch search)
{
    private const ulong PageMask = 0xfff;
    private const int MaxVdsoBytes = 1 << 20;

    /// <summary>AT_PHDR and AT_ENTRY of the auxiliary vector.</summary>
    private const ulong ProgramHeadersEntry = 3;
    private const ulong EntryPointEntry = 9;

    private readonly List<Module> _modules = [];
    private readonly DebugFiles _debugFiles = new(snapshot, cache, search, gaps, limits);

    public ModuleMap Build()
    {
        var files = new Dictionary<(ulong Device, ulong Inode, string Path), List<MemoryMapping>>();
        foreach (MemoryMapping mapping in snapshot.Mappings)
        {
            if (mapping.Path == "[vdso]")
            {
                AddVdso(mapping);
            }
            else if (mapping.IsFile)
            {
                var key = (mapping.Device, mapping.Inode, mapping.Path);
                if (!files.TryGetValue(key, out List<MemoryMapping>? list))
                {
                    files.Add(key, list = []);
                }

                list.Add(mapping);
            }
        }

        foreach (List<MemoryMapping> mappings in files.Values)
        {
            AddFile(mappings);
        }

        return new ModuleMap(_modules, FindMain());
    }

    private Module? FindMain()
    {
        foreach (ulong entry in (ReadOnlySpan<ulong>)[ProgramHeadersEntry, EntryPointEntry])
        {
            if (snapshot.AuxiliaryVector.TryGetValue(entry, out ulong address)
                && _modules.Find(module => address >= module.Start.Value && address < module.End.Value) is { } main)
            {
                return main;
            }
        }

        return snapshot.ExecutablePath is { } path ? _modules.Find(module => module.Path == path) : null;
    }

    private void AddVdso(MemoryMapping mapping)
    {
        int length = (int)Math.Min(mapping.Size, MaxVdsoBytes);
        byte[] bytes = new byte[length];
        int read = snapshot.Memory.Read(mapping.Start, bytes);
        try
        {
            var image = ElfImage.Open(new BufferByteSource(bytes.AsMemory(0, read)), mapping.Path, limits);
            ulong bias = mapping.Start.Value - image.LoadStart.Value;
            _modules.Add(new Module(mapping.Path, bias, mapping.Start, mapping.End, cache.Add(image))
            {
                ExecutableRanges = [(mapping.Start, mapping.End)],
                Facts = snapshot.Facts,
            });
        }
        catch (MalformedDataException exception)
        {
            gaps.Add("image", "vdso-unreadable", $"The vDSO could not be read ({exception.Message}): stacks within it may end there.", mapping.Start);
            AddWithoutImage([mapping]);
        }
    }

    private void AddFile(List<MemoryMapping> mappings)
    {
        MemoryMapping? code = mappings.Find(mapping => mapping.IsExecutable);
        if (code is null && !LooksLikeRemappedImage(mappings))
        {
            return;
        }

        MemoryMapping representative = code ?? mappings[0];
        if (cache.Find(representative.Device, representative.Inode, representative.Path) is not { } image)
        {
            image = OpenFile(representative, out bool isForeign);
            if (isForeign)
            {
                return;
            }

            if (image is null)
            {
                AddFromMemory(mappings);
                return;
            }
        }

        AddBiases(mappings, image);
    }

    /// <summary>
    /// Data files are mapped, too, and are no modules. But a program that moved its code to huge pages has no executable
    /// mapping of its file left: its headers are still mapped, and its code lies in nameless memory behind them.
    /// </summary>
    private bool LooksLikeRemappedImage(List<MemoryMapping> mappings)
    {
        Span<byte> magic = stackalloc byte[4];
        foreach (MemoryMapping mapping in mappings)
        {
            if (mapping.FileOffset == 0 && mapping.IsReadable && snapshot.Memory.Read(mapping.Start, magic) == 4 && ElfHeader.HasMagic(magic))
            {
                return true;
            }
        }

        return false;
    }

    /// <param name="mapping">One mapping of the file.</param>
    /// <param name="isForeign">It was opened and is no ELF file: code that something generated into a file, not a module.</param>
    private ElfImage? OpenFile(MemoryMapping mapping, out bool isForeign)
    {
        isForeign = false;
        ByteSource? source = snapshot.OpenMappedFile(mapping);
        if (source is null)
        {
            gaps.Add("image", "file-missing", $"{mapping.Path} cannot be opened: functions in it have the names that the process's memory still tells, or none.", mapping.Start);
            return null;
        }

        Span<byte> magic = stackalloc byte[4];
        if (source.Read(0, magic) != 4 || !ElfHeader.HasMagic(magic))
        {
            source.Dispose();
            isForeign = true;
            return null;
        }

        try
        {
            return cache.Add(ElfImage.Open(source, mapping.Path, limits), mapping.Device, mapping.Inode, mapping.Path);
        }
        catch (MalformedDataException exception)
        {
            gaps.Add("image", "file-malformed", $"{mapping.Path} cannot be used ({exception.Message}).", mapping.Start);
            return null;
        }
    }

    private void AddFromMemory(List<MemoryMapping> mappings)
    {
        foreach (MemoryMapping mapping in mappings)
        {
            if (mapping.FileOffset != 0 || !mapping.IsReadable)
            {
                continue;
            }

            try
            {
                var source = MappedImageSource.Open(snapshot.Memory, mapping.Start, limits, mapping.Path);
                ElfImage image = cache.Add(ElfImage.Open(source, mapping.Path, limits, source.LoadBias));
                AddModule(mappings, image, source.LoadBias);
                return;
            }
            catch (MalformedDataException)
            {
                // That the file is missing was told already; memory was the second choice.
            }
        }

        AddWithoutImage(mappings);
    }

    /// <summary>Its addresses count from where the file's first byte would be mapped, as in most libraries.</summary>
    private void AddWithoutImage(List<MemoryMapping> mappings)
    {
        TargetAddress start = mappings[0].Start;
        _modules.Add(new Module(mappings[0].Path, start.Value - mappings[0].FileOffset, start, mappings[^1].End)
        {
            ExecutableRanges = RangesWithin(start, mappings[^1].End, mappings[0].Path),
        });
    }

    private void AddBiases(List<MemoryMapping> mappings, ElfImage image)
    {
        var seen = new HashSet<ulong>();
        bool wantsCode = mappings.Exists(mapping => mapping.IsExecutable);
        foreach (MemoryMapping mapping in mappings)
        {
            if (mapping.IsExecutable == wantsCode && TryGetBias(mapping, image, wantsCode, out ulong bias) && seen.Add(bias))
            {
                AddModule(mappings, image, bias);
            }
        }

        if (seen.Count == 0 && wantsCode)
        {
            gaps.Add("image", "file-mismatch", $"{mappings[0].Path} is not mapped as its program headers say: it was replaced, or is not the file that was mapped.", mappings[0].Start);
            AddWithoutImage(mappings);
        }
    }

    /// <summary>
    /// The dynamic linker maps segments by whole pages: a mapping begins at a page of its segment, and its file offset
    /// says at which. Two segments may share a page of the file, so the kinds must agree.
    /// </summary>
    internal static bool TryGetBias(MemoryMapping mapping, ElfImage image, bool isCode, out ulong bias)
    {
        foreach (ElfSegment load in image.LoadSegments)
        {
            ulong firstPage = load.FileOffset & ~PageMask;
            ulong end = load.FileOffset + load.FileSize;
            if (load.IsExecutable == isCode && load.FileSize > 0 && mapping.FileOffset >= firstPage && mapping.FileOffset < end)
            {
                bias = mapping.Start.Value - ((load.Address & ~PageMask) + (mapping.FileOffset - firstPage));
                if (image.IsPositionIndependent || bias == 0)
                {
                    return true;
                }
            }
        }

        bias = 0;
        return false;
    }

    private void AddModule(List<MemoryMapping> mappings, ElfImage image, ulong bias)
    {
        string path = mappings[0].Path;
        var start = new TargetAddress(image.LoadStart.Value + bias);
        var end = new TargetAddress((image.LoadEnd.Value + bias + PageMask) & ~PageMask);
        List<(TargetAddress Start, TargetAddress End)> ranges = RangesWithin(start, end, path);
        if (ranges.Count > 0)
        {
            _modules.Add(new Module(path, bias, start, end, image, _debugFiles) { ExecutableRanges = ranges, Facts = snapshot.Facts });
        }
    }

    /// <summary>Executable mappings of the file, and nameless ones that took the place of its code.</summary>
    private List<(TargetAddress Start, TargetAddress End)> RangesWithin(TargetAddress start, TargetAddress end, string path)
    {
        var ranges = new List<(TargetAddress Start, TargetAddress End)>();
        IReadOnlyList<MemoryMapping> all = snapshot.Mappings;
        for (int i = all.FirstEndingAfter(start); i < all.Count && all[i].Start < end; i++)
        {
            MemoryMapping mapping = all[i];
            if (!mapping.IsExecutable || (mapping.Path != path && mapping.Path.Length != 0 && !mapping.Path.StartsWith("[anon", StringComparison.Ordinal)))
            {
                continue;
            }

            TargetAddress from = mapping.Start < start ? start : mapping.Start;
            TargetAddress to = mapping.End > end ? end : mapping.End;
            if (ranges.Count > 0 && ranges[^1].End == from)
            {
                ranges[^1] = (ranges[^1].Start, to);
            }
            else
            {
                ranges.Add((from, to));
            }
        }

        return ranges;
    }
}
