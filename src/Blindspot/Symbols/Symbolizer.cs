using Blindspot.Image;
using Blindspot.Image.Dwarf;
using Blindspot.Image.Elf;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols.Demangling;
using Blindspot.Target;
using Blindspot.Target.Saved;

namespace Blindspot.Symbols;

/// <summary>
/// Names code addresses: the runtime's own tables first, then debug information (with inlined calls), then symbols.
/// Each image's debug information is opened once, when first asked for. For one thread at a time.
/// </summary>
public sealed class Symbolizer(Snapshot snapshot, IManagedRuntime? runtime, Limits limits)
{
    private readonly GapLog _gaps = snapshot.Gaps;
    private readonly Dictionary<ElfImage, DwarfInfo?> _debugInformation = [];
    private readonly List<SourceFrame> _sources = [];

    /// <summary>The functions at an address, innermost inlined one first; at least one, which may have no name.</summary>
    public void Resolve(FrameAddress address, Module? module, List<SymbolFrame> into)
    {
        TargetAddress lookup = address.LookupAddress;
        ulong offset = module is null ? address.Address.Value : module.ToImage(address.Address).Value;
        _sources.Clear();
        if (runtime is not null && runtime.TryResolve(lookup, _sources) && _sources.Count > 0)
        {
            foreach (SourceFrame source in _sources)
            {
                into.Add(Create(source.Function, runtime.Kind, source));
            }

            return;
        }

        if (module is not null)
        {
            int first = into.Count;
            ImageOffset pc = module.ToImage(lookup);
            string? symbol = FindSymbol(module, pc);
            bool hasSources = TryFindSources(module, pc);
            if (!hasSources && TryRecall(lookup, module, offset, into))
            {
                return;
            }

            if (!hasSources && symbol is not null)
            {
                // Assembly has lines without functions.
                string? file = null;
                int line = 0;
                OpenDebugInformation(module)?.TryFindLine(pc, out file, out line);
                _sources.Add(new SourceFrame(symbol, file, line, false));
            }

            Demangled? whole = symbol is not null && Demangler.TryDemangle(symbol, out Demangled? demangled) ? demangled : null;
            for (int i = 0; i < _sources.Count; i++)
            {
                SourceFrame source = _sources[i];
                if (Demangler.TryDemangle(source.Function, out demangled))
                {
                    into.Add(Create(demangled.Full, demangled.Language, source) with { ShortFunction = Bounded(demangled.Short) });
                }
                else if (whole is not null && i == _sources.Count - 1)
                {
                    // Debug information has no linker's name for what no other file can call; the symbol table does.
                    into.Add(Create(whole.Full, whole.Language, source) with { ShortFunction = Bounded(whole.Short) });
                }
                else
                {
                    bool isQualified = source.Function.Contains("::", StringComparison.Ordinal);
                    into.Add(Create(source.Function, isQualified ? whole?.Language ?? "c++" : "c", source));
                }
            }

            if (_sources.Count > 0)
            {
                Note(lookup, into, first);
                return;
            }
        }

        into.Add(new SymbolFrame(null, module?.Name, module?.Path, offset, null, 0, false, "c", false));

        SymbolFrame Create(string name, string language, in SourceFrame source) => new(
            Bounded(name),
            module?.Name,
            module?.Path,
            offset,
            source.File,
            source.Line,
            source.IsInlined,
            language,
            runtime?.IsPlumbing(name) ?? false);
    }

    // The names that were found where the snapshot was saved, for want of the debug information that told them.
    private bool TryRecall(TargetAddress lookup, Module module, ulong offset, List<SymbolFrame> into)
    {
        if (!snapshot.TryGetSavedNames(lookup, out IReadOnlyList<CodeName>? names))
        {
            return false;
        }

        foreach (CodeName name in names)
        {
            into.Add(new SymbolFrame(
                name.Function, module.Name, module.Path, offset, name.File, name.Line, name.IsInlined, name.Language, runtime?.IsPlumbing(name.Function) ?? false)
            {
                ShortFunction = name.ShortFunction,
            });
        }

        snapshot.Log?.AddName(lookup, names);
        return names.Count > 0;
    }

    private void Note(TargetAddress lookup, List<SymbolFrame> frames, int first)
    {
        if (snapshot.Log is not { } log)
        {
            return;
        }

        var names = new List<CodeName>();
        for (int i = first; i < frames.Count; i++)
        {
            SymbolFrame frame = frames[i];
            names.Add(new CodeName(frame.Function ?? "", frame.ShortFunction, frame.File, frame.Line, frame.IsInlined, frame.Language));
        }

        log.AddName(lookup, names);
    }

    private string Bounded(string name) =>
        name.Length <= limits.MaxNameLength ? name : string.Concat(name.AsSpan(0, limits.MaxNameLength - 1), "…");

    private bool TryFindSources(Module module, ImageOffset pc)
    {
        if (OpenDebugInformation(module) is not { } information)
        {
            return false;
        }

        return information.FindFrames(pc, _sources) > 0;
    }

    private static string? FindSymbol(Module module, ImageOffset pc) =>
        module.NamingSymbols is { } symbols && symbols.TryFindFunction(pc, out ElfSymbol symbol)
            ? symbol.Name
            : null;

    /// <summary>Tells what was found wrong with debug information while it was used.</summary>
    public void ReportProblems()
    {
        foreach ((ElfImage image, DwarfInfo? information) in _debugInformation)
        {
            if (information?.Problem is { } problem)
            {
                _gaps.Add("symbols", "debug-info-malformed", $"Debug information of {image.Name} is damaged in a place ({problem}): some frames have no file and line.");
            }

            if (information is { LacksSupplementary: true })
            {
                _gaps.Add("symbols", "debug-info-incomplete", $"Debug information of {image.Name} refers to a shared file (made by dwz) that is not here: some names and lines are missing.");
            }

            if (information is { SkeletonUnits: > 0 })
            {
                _gaps.Add("symbols", "debug-info-split", $"Debug information of {image.Name} is partly in .dwo files, which are not read: functions there have lines only.");
            }
        }
    }

    private DwarfInfo? OpenDebugInformation(Module module)
    {
        ElfImage? image = module.NamingImage;
        if (image is null)
        {
            return null;
        }

        if (!_debugInformation.TryGetValue(image, out DwarfInfo? information))
        {
            try
            {
                information = DwarfInfo.TryOpen(image, limits, module.SupplementaryImage);
            }
            catch (MalformedDataException malformed)
            {
                _gaps.Add("symbols", "debug-info-malformed", $"Debug information of {module.Path} is damaged ({malformed.Message}): its frames have no file and line.");
            }

            if (module.NamingSymbols?.Problem is { } problem)
            {
                _gaps.Add("symbols", "symbols-malformed", $"Symbols of {module.Path} are damaged and left out ({problem}): some of its frames have no name.");
            }

            _debugInformation.Add(image, information);
        }

        return information;
    }
}
