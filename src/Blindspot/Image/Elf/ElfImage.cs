using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Image.Elf;

/// <summary>
/// An ELF file for x86-64: an executable, a shared object, the vDSO, or a file of debug information. Opening reads the
/// headers only; everything else is read when it is first asked for, and kept. Thread-safe.
/// </summary>
public sealed class ElfImage : IDisposable
{
    private readonly ByteSource _source;
    private readonly Limits _limits;
    private readonly ElfSegment[] _segments;
    private readonly ElfSegment[] _loads;
    private readonly Lazy<ElfSectionTable> _sections;
    private readonly Lazy<ElfIdentity> _identity;
    private readonly Lazy<ElfSymbolTable> _symbols;
    private readonly ConcurrentDictionary<int, Lazy<byte[]>> _contents = new();

    private ElfImage(ByteSource source, string name, ElfHeader header, ElfSegment[] segments, ulong memoryBias, Limits limits)
    {
        _source = source;
        _limits = limits;
        _segments = segments;
        _loads = Array.FindAll(segments, segment => segment.Type == ElfSegmentType.Load && segment.MemorySize > 0);
        Array.Sort(_loads, (left, right) => left.Address.CompareTo(right.Address));
        Name = name;
        Header = header;
        MemoryBias = memoryBias;
        _sections = new Lazy<ElfSectionTable>(() => ElfSectionTable.Read(this, limits));
        _identity = new Lazy<ElfIdentity>(() => ElfIdentity.Read(this));
        _symbols = new Lazy<ElfSymbolTable>(() => ElfSymbolTable.Build(this, debugImage: null));
    }

    /// <summary>The name for messages: its path, or "[vdso]".</summary>
    public string Name { get; }

    public ElfHeader Header { get; }

    /// <summary>The program headers in the order of the file.</summary>
    public IReadOnlyList<ElfSegment> Segments => _segments;

    /// <summary>PT_LOAD segments by address.</summary>
    public IReadOnlyList<ElfSegment> LoadSegments => _loads;

    /// <summary>By index; what could be inferred from the program headers where the file has no section table.</summary>
    public IReadOnlyList<ElfSection> Sections => _sections.Value.Sections;

    public bool HasSectionTable => _sections.Value.Problem is null && _sections.Value.IsFromFile;

    /// <summary>Why the section table the file claims to have could not be used; null when it could, or there is none.</summary>
    public string? SectionTableProblem => _sections.Value.Problem;

    /// <summary>NT_GNU_BUILD_ID; null when the file has none.</summary>
    public BuildId? BuildId => _identity.Value.BuildId;

    /// <summary>The Go linker's own build ID ("action/main/main/content"); null when the file has none.</summary>
    public string? GoBuildId => _identity.Value.GoBuildId;

    public ElfDebugLink? DebugLink => _identity.Value.DebugLink;

    public ElfAlternateLink? AlternateLink => _identity.Value.AlternateLink;

    /// <summary>PT_TLS, the initial image of thread-local variables; null when it has none.</summary>
    public ElfSegment? TlsSegment => FindSegment(ElfSegmentType.Tls);

    public ImageOffset EntryPoint => new(Header.EntryPoint);

    public bool IsPositionIndependent => Header.Type == ElfFileType.Shared;

    /// <summary>Lowest address of a PT_LOAD segment, rounded down to a page.</summary>
    public ImageOffset LoadStart => new(_loads.Length == 0 ? 0 : _loads[0].Address & ~0xfffUL);

    /// <summary>Behind the highest byte of a PT_LOAD segment, .bss included.</summary>
    public ImageOffset LoadEnd
    {
        get
        {
            ulong end = 0;
            foreach (ElfSegment load in _loads)
            {
                end = Math.Max(end, load.Address + load.MemorySize);
            }

            return new ImageOffset(end);
        }
    }

    /// <summary>
    /// The symbols of this file alone; <see cref="Module.Symbols"/> adds those of its debug file. Damaged tables are left
    /// out, and <see cref="ElfSymbolTable.Problem"/> tells.
    /// </summary>
    public ElfSymbolTable Symbols => _symbols.Value;

    public long FileLength => _source.Length;

    /// <summary>False for what a process's memory or a saved snapshot holds of a file.</summary>
    public bool IsWhole => _source.IsWhole;

    internal ByteSource Source => _source;

    internal Limits Limits => _limits;

    /// <summary>
    /// Where the image was copied from, less its addresses, when it comes from a process's memory: there the dynamic
    /// linker has turned the addresses in .dynamic into absolute ones.
    /// </summary>
    internal ulong MemoryBias { get; }

    /// <summary>Opens it and takes over <paramref name="source"/> (which is disposed of also when this throws).</summary>
    /// <exception cref="MalformedDataException">No ELF file, not for x86-64, or with damaged headers.</exception>
    public static ElfImage Open(ByteSource source, string name, Limits limits) => Open(source, name, limits, memoryBias: 0);

    internal static ElfImage Open(ByteSource source, string name, Limits limits, ulong memoryBias)
    {
        try
        {
            var header = ElfHeader.Read(source, name);
            if (!header.IsSupported)
            {
                throw new MalformedDataException(name, 4, $"is a {header.Description}; only 64-bit x86-64 is understood");
            }

            if (header.Type is not (ElfFileType.Executable or ElfFileType.Shared or ElfFileType.Relocatable))
            {
                throw new MalformedDataException(name, 16, $"is a {header.Description}, not an executable or a library");
            }

            ElfSegment[] segments = ElfSegment.ReadAll(source, header, limits.MaxSections, allowCut: false, name);
            return new ElfImage(source, name, header, segments, memoryBias, limits);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <summary>Finds a section by name; ".debug_x" also finds the older compressed ".zdebug_x".</summary>
    public bool TryGetSection(string name, [NotNullWhen(true)] out ElfSection? section) => _sections.Value.TryGet(name, out section);

    /// <summary>A section's bytes, decompressed.</summary>
    /// <exception cref="MalformedDataException">It has no bytes in the file, reaches past its end, is too large or damaged.</exception>
    public ReadOnlyMemory<byte> ReadSection(ElfSection section) =>
        _contents.GetOrAdd(section.Index, _ => new Lazy<byte[]>(() => ReadContents(section))).Value;

    /// <summary>A section's bytes, decompressed; false when the file has no such section or only its header (a debug file's .text).</summary>
    /// <exception cref="MalformedDataException">It is there, and damaged.</exception>
    public bool TryReadSection(string name, out ReadOnlyMemory<byte> contents)
    {
        if (TryGetSection(name, out ElfSection? section) && section.HasContents)
        {
            contents = ReadSection(section);
            return true;
        }

        contents = default;
        return false;
    }

    /// <summary>
    /// Reads what the file holds at an address; returns how many bytes came. Bytes of .bss are not in the file, and a
    /// read ends at the end of its segment.
    /// </summary>
    public int Read(ImageOffset address, Span<byte> destination)
    {
        if (!TryGetFileOffset(address, out long offset, out long available))
        {
            return 0;
        }

        int count = (int)Math.Min(destination.Length, available);
        return _source.Read(offset, destination[..count]);
    }

    /// <summary>Where in the file an address lies, and how many bytes of its segment the file holds from there on.</summary>
    public bool TryGetFileOffset(ImageOffset address, out long offset, out long available)
    {
        foreach (ElfSegment load in _loads)
        {
            ulong into = address.Value - load.Address;
            if (into < load.FileSize)
            {
                ulong at = load.FileOffset + into;
                if (at < (ulong)_source.Length)
                {
                    offset = (long)at;
                    available = (long)Math.Min(load.FileSize - into, (ulong)_source.Length - at);
                    return true;
                }
            }
        }

        offset = 0;
        available = 0;
        return false;
    }

    /// <summary>The first section that holds the address, thread-local ones excepted; false when none does.</summary>
    public bool TryFindSection(ImageOffset address, [NotNullWhen(true)] out ElfSection? section) =>
        _sections.Value.TryFind(address, out section);

    public bool IsExecutableAddress(ImageOffset address)
    {
        foreach (ElfSegment load in _loads)
        {
            if (load.IsExecutable && load.Contains(address.Value))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _source.Dispose();

    internal ElfSegment? FindSegment(ElfSegmentType type)
    {
        foreach (ElfSegment segment in _segments)
        {
            if (segment.Type == type)
            {
                return segment;
            }
        }

        return null;
    }

    private byte[] ReadContents(ElfSection section)
    {
        string what = section.Name.Length == 0 ? Name : $"{Name}:{section.Name}";
        if (!section.HasContents)
        {
            throw new MalformedDataException(what, 0, "has no bytes in the file");
        }

        if (section.Size > (ulong)_limits.MaxSectionBytes || section.FileOffset > long.MaxValue)
        {
            throw new MalformedDataException(what, 0, $"a section of {section.Size} bytes at 0x{section.FileOffset:x}, more than the limit of {_limits.MaxSectionBytes}");
        }

        byte[] stored = _source.ReadExactly((long)section.FileOffset, (long)section.Size, what);
        if (section.IsCompressed)
        {
            return ElfCompression.Decompress(stored, what, _limits);
        }

        return section.Name.StartsWith(".zdebug_", StringComparison.Ordinal) ? ElfCompression.DecompressOld(stored, what, _limits) : stored;
    }
}
