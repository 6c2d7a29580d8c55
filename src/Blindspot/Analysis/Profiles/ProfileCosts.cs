namespace Blindspot.Analysis.Profiles;

/// <summary>What each function of a profile costs.</summary>
/// <param name="Name">As people read it: "[libx.so]" or an address for code without a name.</param>
/// <param name="File">Its source file, or the file that it is mapped from; "" where neither is known.</param>
/// <param name="Flat">In itself.</param>
/// <param name="Cumulative">With what it calls.</param>
public sealed record FunctionCost(string Name, string File, long Flat, long Cumulative);

/// <summary>The costs of a profile by function.</summary>
public static class ProfileCosts
{
    /// <summary>Every function that costs something, the dearest by itself first.</summary>
    /// <param name="profile">A profile.</param>
    /// <param name="value">Index of the value that counts.</param>
    public static IReadOnlyList<FunctionCost> Of(Profile profile, int value)
    {
        var indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        var names = new List<(string Name, string File)>();
        int[][] functions = new int[profile.Locations.Count][];
        for (int i = 0; i < functions.Length; i++)
        {
            ProfileLocation location = profile.Locations[i];
            functions[i] = new int[Math.Max(1, location.Lines.Count)];
            for (int line = 0; line < functions[i].Length; line++)
            {
                string name = NameOf(profile, location, line);
                if (!indexes.TryGetValue(name, out int index))
                {
                    index = names.Count;
                    indexes.Add(name, index);
                    names.Add((name, location.Lines.Count > 0 ? location.Lines[line].File : ModuleOf(profile, location)?.File ?? ""));
                }

                functions[i][line] = index;
            }
        }

        long[] flat = new long[names.Count];
        long[] cumulative = new long[names.Count];

        // A function that calls itself counts once in each sample.
        int[] lastSample = new int[names.Count];
        for (int i = 0; i < profile.Samples.Count; i++)
        {
            ProfileSample sample = profile.Samples[i];
            long cost = sample.Values[value];
            for (int frame = 0; frame < sample.Locations.Count; frame++)
            {
                int[] here = functions[sample.Locations[frame]];
                if (frame == 0)
                {
                    flat[here[0]] += cost;
                }

                foreach (int function in here)
                {
                    if (lastSample[function] != i + 1)
                    {
                        lastSample[function] = i + 1;
                        cumulative[function] += cost;
                    }
                }
            }
        }

        return
        [
            .. Enumerable.Range(0, names.Count)
                .Where(function => flat[function] != 0 || cumulative[function] != 0)
                .Select(function => new FunctionCost(names[function].Name, names[function].File, flat[function], cumulative[function]))
                .OrderByDescending(static cost => cost.Flat)
                .ThenByDescending(static cost => cost.Cumulative)
                .ThenBy(static cost => cost.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>A name for a line of a location, also where there is none.</summary>
    public static string NameOf(Profile profile, ProfileLocation location, int line)
    {
        if (line < location.Lines.Count && location.Lines[line] is { Function.Length: > 0 } named)
        {
            return named.Function;
        }

        return ModuleOf(profile, location) is { File.Length: > 0 } mapping
            ? mapping.File.StartsWith('[') ? mapping.File : $"[{Path.GetFileName(mapping.File)}]"
            : location.Address.ToString();
    }

    private static ProfileMapping? ModuleOf(Profile profile, ProfileLocation location) =>
        location.Mapping >= 0 ? profile.Mappings[location.Mapping] : null;
}
