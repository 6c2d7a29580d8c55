using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Target.Saved;

namespace Blindspot.Image;

/// <summary>A file mapped as code into a process: its image (shared by build ID) and where it lies. Thread-safe.</summary>
public sealed class Module
{
    private readonly Lazy<ElfImage?> _image;
    private readonly Lazy<ElfImage?> _debugImage;
    private readonly Lazy<ElfImage?> _namingImage;
    private readonly Lazy<ElfImage?> _supplementaryImage;
    private readonly Lazy<ElfSymbolTable?> _symbols;
    private readonly Lazy<ElfSymbolTable?> _namingSymbols;

    /// <param name="path">Path inside the target's mount namespace, or "[vdso]".</param>
    /// <param name="loadBias">What to add to an image's addresses.</param>
    /// <param name="start">First address.</param>
    /// <param name="end">First address behind it, .bss included.</param>
    /// <param name="image">Its file, if it could be had, or what a core's memory holds of it.</param>
    /// <param name="files">Finds its other files; each is looked for at most once, when it is first needed.</param>
    public Module(
        string path,
        ulong loadBias,
        TargetAddress start,
        TargetAddress end,
        ElfImage? image = null,
        DebugFiles? files = null)
    {
        Path = path;
        Name = path[(path.LastIndexOf('/') + 1)..];
        LoadBias = loadBias;
        Start = start;
        End = end;
        MappedImage = image;
        _image = new Lazy<ElfImage?>(() => image is null ? null : files?.FetchExecutable(image) ?? image);
        _debugImage = new Lazy<ElfImage?>(() => Image is { } whole ? files?.Find(whole, path) : null);
        _namingImage = new Lazy<ElfImage?>(() => DebugImage ?? (Image is { } whole ? files?.Fetch(whole) ?? whole : null));
        _supplementaryImage = new Lazy<ElfImage?>(() => NamingImage is { AlternateLink: not null } linked ? files?.FindSupplementary(linked) : null);
        _symbols = new Lazy<ElfSymbolTable?>(() => Image is null ? null
            : DebugImage is null ? Image.Symbols
            : ElfSymbolTable.Build(Image, DebugImage));
        _namingSymbols = new Lazy<ElfSymbolTable?>(() => Image is null || NamingImage == Image || NamingImage == DebugImage ? Symbols
            : ElfSymbolTable.Build(Image, NamingImage));
    }

    /// <summary>Path inside the target's mount namespace, or "[vdso]".</summary>
    public string Path { get; }

    /// <summary>The last part of <see cref="Path"/>: "libc.so.6".</summary>
    public string Name { get; }

    /// <summary>What to add to an <see cref="ImageOffset"/> to get an address in the process.</summary>
    public ulong LoadBias { get; }

    public TargetAddress Start { get; }

    public TargetAddress End { get; }

    /// <summary>
    /// Its file; null when that could not be had, and then a gap says why. Where a core lacks it, it is fetched by the
    /// build ID that the core's memory tells when this is first asked.
    /// </summary>
    public ElfImage? Image => _image.Value;

    /// <summary>What is known of its file without fetching any.</summary>
    public ElfImage? MappedImage { get; }

    /// <summary>The separate file of debug information, looked for when first asked; null when there is none.</summary>
    public ElfImage? DebugImage => _debugImage.Value;

    /// <summary>
    /// What names its code and tells lines: its debug file, one that a server gave, or else its own file. It may take
    /// seconds to ask a server: not to be called while a process is being read.
    /// </summary>
    public ElfImage? NamingImage => _namingImage.Value;

    /// <summary>What the debug information shares with that of other files of its package (made by dwz); null when there is none.</summary>
    public ElfImage? SupplementaryImage => _supplementaryImage.Value;

    /// <summary>Symbols of the file and of its debug file; null without an image.</summary>
    public ElfSymbolTable? Symbols => _symbols.Value;

    /// <summary>Symbols of the file and of <see cref="NamingImage"/>, and as slow as that.</summary>
    public ElfSymbolTable? NamingSymbols => _namingSymbols.Value;

    /// <summary>What is known of it where its file is not whole.</summary>
    public FileFacts Facts { get; init; } = FileFacts.None;

    /// <summary>Where its code is mapped, by address.</summary>
    public IReadOnlyList<(TargetAddress Start, TargetAddress End)> ExecutableRanges { get; init; } = [];

    /// <inheritdoc cref="FileFacts.TrackUse"/>
    public UseMap? TrackUse(long offset, long length) => Facts.TrackUse(Path, offset, length);

    /// <summary>The address of a symbol by its name.</summary>
    public bool TryFindSymbol(string name, out ImageOffset address) =>
        TryFind("symbol:" + name, out address, (ElfSymbolTable symbols, out ElfSymbol symbol) => symbols.TryFindByName(name, out symbol));

    /// <summary>Where the function begins that an address lies in, as its symbol tells.</summary>
    public bool TryFindFunctionStart(ImageOffset pc, out ImageOffset start) =>
        TryFind($"function:{pc.Value:x}", out start, (ElfSymbolTable symbols, out ElfSymbol symbol) => symbols.TryFindFunction(pc, out symbol));

    public ImageOffset ToImage(TargetAddress address) => new(unchecked(address.Value - LoadBias));

    public TargetAddress ToTarget(ImageOffset offset) => new(unchecked(offset.Value + LoadBias));

    public override string ToString() => $"{Path} at {Start}-{End}";

    private delegate bool SymbolSearch(ElfSymbolTable symbols, out ElfSymbol symbol);

    private bool TryFind(string fact, out ImageOffset address, SymbolSearch search)
    {
        if (Facts.TryGet(Path, fact, out ulong known))
        {
            address = new ImageOffset(known);
            return true;
        }

        if (Symbols is { } symbols && search(symbols, out ElfSymbol symbol))
        {
            address = symbol.Address;
            Facts.Note(Path, fact, address.Value);
            return true;
        }

        address = default;
        return false;
    }
}
