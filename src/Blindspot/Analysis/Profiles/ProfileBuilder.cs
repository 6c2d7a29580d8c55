using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Symbols;
using Blindspot.Unwind;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Makes a profile of stacks that were walked: each distinct frame is named once, and samples with the same stack and labels
/// are one.
/// </summary>
internal sealed class ProfileBuilder(RawFrameTable frames, RawStackTable stacks, Symbolizer symbolizer)
{
    private readonly List<ProfileMapping> _mappings = [];
    private readonly Dictionary<Module, int> _mappingIds = [];
    private readonly List<ProfileSample> _samples = [];
    private readonly List<SymbolFrame> _symbols = [];

    /// <param name="stack">Id in the table of stacks.</param>
    /// <param name="values">As many as the profile will have value types.</param>
    public void Add(int stack, long[] values, IReadOnlyList<ProfileLabel> labels) => _samples.Add(new ProfileSample(stacks.Entries[stack].Frames, values, labels));

    /// <param name="valueTypes">What the samples' values count.</param>
    public Profile Build(IReadOnlyList<ProfileValueType> valueTypes, int defaultValue)
    {
        var locations = new ProfileLocation[frames.Entries.Count];
        for (int i = 0; i < locations.Length; i++)
        {
            locations[i] = Name(frames.Entries[i]);
        }

        return new Profile
        {
            ValueTypes = valueTypes,
            DefaultValue = defaultValue,
            Mappings = _mappings,
            Locations = locations,
            Samples = _samples,
        };
    }

    private ProfileLocation Name(in RawFrameTable.Entry frame)
    {
        _symbols.Clear();
        symbolizer.Resolve(frame.Address, frame.Module, _symbols);
        var lines = new List<ProfileLine>(_symbols.Count);
        foreach (SymbolFrame symbol in _symbols)
        {
            string? name = symbol.ShortFunction ?? (frame.IsSignalReturn ? "<signal handler called>" : null);
            if (name is not null)
            {
                lines.Add(new ProfileLine(name, symbol.Function ?? name, symbol.File ?? "", 0, symbol.Line, symbol.Language, symbol.IsPlumbing));
            }
        }

        // pprof's addresses are those of instructions: of a caller, the one that called.
        return new ProfileLocation(frame.Address.LookupAddress, frame.Module is { } module ? MappingOf(module) : -1, lines);
    }

    private int MappingOf(Module module)
    {
        if (!_mappingIds.TryGetValue(module, out int id))
        {
            id = _mappings.Count;
            _mappingIds.Add(module, id);
            TargetAddress start = module.ExecutableRanges is [var (from, _), ..] ? from : module.Start;
            TargetAddress end = module.ExecutableRanges is [.., var (_, to)] ? to : module.End;
            _mappings.Add(new ProfileMapping(start, end, OffsetOf(module, start), module.Path, module.MappedImage?.BuildId?.ToString() ?? "")
            {
                HasFunctions = true,
                HasFileNames = true,
                HasLineNumbers = true,
                HasInlineFrames = true,
            });
        }

        return id;
    }

    private static ulong OffsetOf(Module module, TargetAddress start) =>
        module.MappedImage is { } image && image.TryGetFileOffset(module.ToImage(start), out long offset, out _) ? (ulong)offset : 0;
}
