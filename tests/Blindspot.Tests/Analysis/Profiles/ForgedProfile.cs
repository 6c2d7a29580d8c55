using Blindspot.Analysis.Profiles;
using Blindspot.Primitives;

namespace Blindspot.Tests.Analysis.Profiles;

/// <summary>
/// A small profile written as text: each stack from the root on, frames as "function@module" with "(inlined)" parts joined by
/// "+" (the innermost last), then its value and labels.
/// </summary>
internal sealed class ForgedProfile
{
    private readonly List<ProfileMapping> _mappings = [];
    private readonly List<ProfileLocation> _locations = [];
    private readonly Dictionary<string, int> _known = [];
    private readonly List<ProfileSample> _samples = [];

    public TimeSpan? Duration { get; init; }

    public ForgedProfile Add(string stack, long value, params ProfileLabel[] labels)
    {
        int[] locations = [.. stack.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Location).Reverse()];
        _samples.Add(new ProfileSample(locations, [1, value], labels));
        return this;
    }

    public Profile Make() => new()
    {
        ValueTypes = [new("samples", "count"), new("cpu", "nanoseconds")],
        DefaultValue = 1,
        Mappings = _mappings,
        Locations = _locations,
        Samples = _samples,
        Duration = Duration,
    };

    /// <summary>The stacks of a profile in the same way: root first, one line each, with their values.</summary>
    public static string[] Text(Profile profile) =>
    [
        .. profile.Samples.Select(sample =>
            string.Join(' ', sample.Locations.Reverse().Select(index => string.Join('+', profile.Locations[index].Lines.Reverse().Select(static line => line.Function))))
            + " = " + sample.Values[1]),
    ];

    public static ProfileLabel Label(string key, string text) => new(key, text, 0, "");

    public static ProfileLabel Label(string key, long number, string unit = "") => new(key, null, number, unit);

    private int Location(string text)
    {
        if (_known.TryGetValue(text, out int index))
        {
            return index;
        }

        string[] parts = text.Split('@');
        string module = parts.Length > 1 ? parts[1] : "";
        int mapping = _mappings.FindIndex(known => known.File == module);
        if (mapping < 0 && module.Length > 0)
        {
            mapping = _mappings.Count;
            _mappings.Add(new ProfileMapping(new TargetAddress(0x1000), new TargetAddress(0x2000), 0, module, ""));
        }

        ProfileLine[] lines = [.. parts[0].Split('+', StringSplitOptions.RemoveEmptyEntries).Reverse().Select(static name => Line(name))];
        _locations.Add(new ProfileLocation(new TargetAddress(0x1000 + (ulong)_locations.Count), mapping, lines));
        _known.Add(text, _locations.Count - 1);
        return _locations.Count - 1;
    }

    /// <summary>Go's names have dots; of everything else it is C.</summary>
    private static ProfileLine Line(string name)
    {
        bool isGo = name.Contains('.');
        bool isPlumbing = name.StartsWith("runtime.cgo", StringComparison.Ordinal) || name is "runtime.asmcgocall" or "runtime.goexit" || name.Contains("_Cfunc_");
        return new ProfileLine(name, name, isGo ? "/src/go/" + name.Split('.')[0] + ".go" : "/src/c/" + name + ".c", 10, 12, isGo ? "go" : "c", isPlumbing);
    }
}
