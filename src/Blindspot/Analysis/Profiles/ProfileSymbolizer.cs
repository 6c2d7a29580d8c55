using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Symbols.Demangling;
using Blindspot.Target;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Names what the maker of a profile could not: addresses in native code, by the files that were mapped there (proved by
/// build ID) and their debug information, with inlined calls. Names that others left mangled are demangled.
/// </summary>
public sealed class ProfileSymbolizer : IDisposable
{
    private readonly ImageCache _images = new();
    private readonly ProfileFiles _files;
    private readonly DebugFiles _debugFiles;
    private readonly Symbolizer _symbolizer;
    private readonly GapLog _gaps;
    private readonly List<SymbolFrame> _frames = [];

    /// <param name="roots">Directories with the files of the machine that was profiled, searched first.</param>
    /// <param name="search">Where debug files are looked for.</param>
    /// <param name="gaps">Told of files that are missing or are others.</param>
    /// <param name="limits">Bounds of reading.</param>
    public ProfileSymbolizer(IReadOnlyList<string> roots, ImageSearch search, GapLog gaps, Limits limits)
    {
        _gaps = gaps;
        _files = new ProfileFiles(roots, search, gaps, limits);
        _debugFiles = new DebugFiles(_files, _images, search, gaps, limits);
        _symbolizer = new Symbolizer(_files, null, limits);
    }

    /// <summary>How many locations had no name before, and have one now.</summary>
    public int Named { get; private set; }

    /// <summary>How many have none still.</summary>
    public int Nameless { get; private set; }

    public Profile Symbolize(Profile profile, CancellationToken cancel)
    {
        var modules = new Module?[profile.Mappings.Count];
        bool[] isOpened = new bool[modules.Length];
        bool[] isNamed = new bool[modules.Length];
        bool[] isNameless = new bool[modules.Length];
        bool[] hasLines = new bool[modules.Length];
        bool[] hasInlines = new bool[modules.Length];
        var locations = new ProfileLocation[profile.Locations.Count];
        for (int i = 0; i < locations.Length; i++)
        {
            ProfileLocation location = profile.Locations[i];
            locations[i] = location;
            if (location.Lines.Any(static line => line.Function.Length > 0))
            {
                locations[i] = Demangle(location);
                continue;
            }

            int at = location.Mapping;
            if (at >= 0 && !isOpened[at])
            {
                cancel.ThrowIfCancellationRequested();
                isOpened[at] = true;
                modules[at] = OpenModule(profile.Mappings[at]);
            }

            if (at < 0 || modules[at] is not { } module || NamesOf(location.Address, module) is not { Length: > 0 } lines)
            {
                Nameless++;
                if (at >= 0)
                {
                    isNameless[at] = true;
                }

                continue;
            }

            Named++;
            isNamed[at] = true;
            hasLines[at] |= lines.Any(static line => line.Line > 0);
            hasInlines[at] |= lines.Length > 1;
            locations[i] = location with { Lines = lines };
        }

        _symbolizer.ReportProblems();
        var mappings = new ProfileMapping[modules.Length];
        for (int i = 0; i < mappings.Length; i++)
        {
            ProfileMapping mapping = profile.Mappings[i];
            mappings[i] = !isNamed[i] ? mapping : mapping with
            {
                HasFunctions = mapping.HasFunctions || !isNameless[i],
                HasFileNames = mapping.HasFileNames || hasLines[i],
                HasLineNumbers = mapping.HasLineNumbers || hasLines[i],
                HasInlineFrames = mapping.HasInlineFrames || hasInlines[i],
            };
        }

        return profile with { Locations = locations, Mappings = mappings };
    }

    public void Dispose()
    {
        _files.Dispose();
        _images.Dispose();
    }

    private Module? OpenModule(ProfileMapping mapping)
    {
        if (!mapping.File.StartsWith('/') && mapping.BuildId.Length == 0)
        {
            // "[vdso]", or code that something generated: there is no such file anywhere.
            return null;
        }

        if (_files.OpenImage(mapping) is not { } opened)
        {
            return null;
        }

        ElfImage image = _images.Add(opened);
        var place = new MemoryMapping(mapping.Start, mapping.Limit, "r-xp", mapping.FileOffset, 0, 0, mapping.File, false);
        if (!ModuleMapBuilder.TryGetBias(place, image, isCode: true, out ulong bias) && !ModuleMapBuilder.TryGetBias(place, image, isCode: false, out bias))
        {
            _gaps.Add("symbols", "file-mismatch", $"{mapping.File} is not mapped as its program headers say: what ran in it has no names.", mapping.Start);
            return null;
        }

        return new Module(mapping.File, bias, mapping.Start, mapping.Limit, image, _debugFiles);
    }

    /// <summary>
    /// An address of a profile lies within the instruction that ran, or within the call that had not returned (profile.proto,
    /// Location.address), and so is looked up as it is.
    /// </summary>
    private ProfileLine[] NamesOf(TargetAddress address, Module module)
    {
        _frames.Clear();
        _symbolizer.Resolve(FrameAddress.Instruction(address), module, _frames);
        if (_frames[0].Function is null)
        {
            return [];
        }

        var lines = new ProfileLine[_frames.Count];
        for (int i = 0; i < lines.Length; i++)
        {
            SymbolFrame frame = _frames[i];
            string function = frame.Function ?? "";
            string language = frame.File is { } file && ProfileLanguage.Of(function, file) is "go" ? "go" : frame.Language;
            lines[i] = new ProfileLine(frame.ShortFunction ?? function, function, frame.File ?? "", 0, frame.Line, language, frame.IsPlumbing);
        }

        return lines;
    }

    private static ProfileLocation Demangle(ProfileLocation location)
    {
        ProfileLine[]? changed = null;
        for (int i = 0; i < location.Lines.Count; i++)
        {
            ProfileLine line = location.Lines[i];
            if (line.Function.StartsWith('_') && Demangler.TryDemangle(line.Function, out Demangled? name))
            {
                changed ??= [.. location.Lines];
                changed[i] = line with { Function = name.Short, SystemName = line.SystemName.Length > 0 ? line.SystemName : line.Function, Language = name.Language };
            }
        }

        return changed is null ? location : location with { Lines = changed };
    }
}
