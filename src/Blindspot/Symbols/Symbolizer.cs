using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Symbols;

/// <summary>
/// Names code addresses: the runtime's own tables first, then debug information (with inlined calls), then symbols.
/// Each image's debug information is opened once, when first asked for. For one thread at a time.
/// </summary>
public sealed class Symbolizer(IManagedRuntime? runtime, Limits limits)
{
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
            ImageOffset pc = module.ToImage(lookup);
            if (FindSymbol(module, pc) is { } symbol)
            {
                _sources.Add(new SourceFrame(symbol, null, 0, false));
            }

            foreach (SourceFrame source in _sources)
            {
                string name = source.Function;
                string language = "c";
                into.Add(Create(name, language, source));
            }

            if (_sources.Count > 0)
            {
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

    private string Bounded(string name) =>
        name.Length <= limits.MaxNameLength ? name : string.Concat(name.AsSpan(0, limits.MaxNameLength - 1), "…");

    private static string? FindSymbol(Module module, ImageOffset pc)
    {
        return module.Symbols is { } symbols && symbols.TryFindFunction(pc, out ElfSymbol symbol) ? symbol.Name : null;
    }
}
