using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Makes one profile of several, as pprof does: equal stacks with equal labels become one sample, and a file that was
/// mapped elsewhere in another run counts as the same.
/// </summary>
public sealed class ProfileMerge
{
    private readonly List<ProfileMapping> _mappings = [];
    private readonly Dictionary<(ulong Size, ulong Offset, string File), int> _mappingIndexes = [];
    private readonly List<ProfileLocation> _locations = [];
    private readonly Dictionary<ProfileLocation, int> _locationIndexes = new(new LocationComparer());
    private readonly Dictionary<ProfileSample, long[]> _samples = new(new SampleComparer());
    private readonly List<ProfileSample> _order = [];

    private ProfileMerge()
    {
    }

    /// <param name="profiles">With the names that they are known by in messages; at least one.</param>
    /// <exception cref="BlindspotException">They count different things.</exception>
    public static Profile Of(IReadOnlyList<(string Name, Profile Profile)> profiles)
    {
        Profile first = profiles[0].Profile;
        if (profiles.Count == 1)
        {
            return first;
        }

        foreach ((string name, Profile profile) in profiles)
        {
            if (!first.ValueTypes.SequenceEqual(profile.ValueTypes))
            {
                throw new BlindspotException(
                    $"The profiles cannot be put together: '{profiles[0].Name}' counts {Describe(first)}, but '{name}' counts {Describe(profile)}.");
            }

            if (profile.PeriodType != first.PeriodType)
            {
                throw new BlindspotException(
                    $"The profiles cannot be put together: between two samples '{profiles[0].Name}' counts {Describe(first.PeriodType)}, but '{name}' counts {Describe(profile.PeriodType)}.");
            }
        }

        var merge = new ProfileMerge();
        foreach ((_, Profile profile) in profiles)
        {
            merge.Add(profile);
        }

        var samples = new ProfileSample[merge._order.Count];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = merge._order[i] with { Values = merge._samples[merge._order[i]] };
        }

        Profile[] all = [.. profiles.Select(static named => named.Profile)];
        return first with
        {
            Mappings = merge._mappings,
            Locations = merge._locations,
            Samples = samples,
            Period = all.Max(static profile => profile.Period),
            Time = all.Min(static profile => profile.Time),
            Duration = all.Any(static profile => profile.Duration is not null)
                ? TimeSpan.FromTicks(all.Sum(static profile => profile.Duration?.Ticks ?? 0))
                : null,
            Comments = [.. all.SelectMany(static profile => profile.Comments).Distinct()],
        };
    }

    private static string Describe(Profile profile) => string.Join(", ", profile.ValueTypes.Select(Describe));

    private static string Describe(ProfileValueType? type) => type is null ? "nothing" : $"{type.Type} in {type.Unit}";

    private void Add(Profile profile)
    {
        int[] mappings = new int[profile.Mappings.Count];
        ulong[] moves = new ulong[mappings.Length];
        for (int i = 0; i < mappings.Length; i++)
        {
            ProfileMapping mapping = profile.Mappings[i];
            (ulong, ulong, string) key = (mapping.Limit - mapping.Start, mapping.FileOffset, mapping.BuildId.Length > 0 ? mapping.BuildId : mapping.File);
            if (!_mappingIndexes.TryGetValue(key, out mappings[i]))
            {
                mappings[i] = _mappings.Count;
                _mappingIndexes.Add(key, mappings[i]);
                _mappings.Add(mapping);
            }
            else
            {
                ProfileMapping known = _mappings[mappings[i]];
                _mappings[mappings[i]] = known with
                {
                    HasFunctions = known.HasFunctions && mapping.HasFunctions,
                    HasFileNames = known.HasFileNames && mapping.HasFileNames,
                    HasLineNumbers = known.HasLineNumbers && mapping.HasLineNumbers,
                    HasInlineFrames = known.HasInlineFrames && mapping.HasInlineFrames,
                };
            }

            moves[i] = _mappings[mappings[i]].Start - mapping.Start;
        }

        int[] locations = new int[profile.Locations.Count];
        for (int i = 0; i < locations.Length; i++)
        {
            ProfileLocation location = profile.Locations[i];
            if (location.Mapping >= 0)
            {
                location = location with { Mapping = mappings[location.Mapping], Address = location.Address + moves[location.Mapping] };
            }

            if (!_locationIndexes.TryGetValue(location, out locations[i]))
            {
                locations[i] = _locations.Count;
                _locationIndexes.Add(location, locations[i]);
                _locations.Add(location);
            }
        }

        foreach (ProfileSample sample in profile.Samples)
        {
            int[] stack = new int[sample.Locations.Count];
            for (int i = 0; i < stack.Length; i++)
            {
                stack[i] = locations[sample.Locations[i]];
            }

            var moved = new ProfileSample(stack, sample.Values, sample.Labels);
            if (_samples.TryGetValue(moved, out long[]? sum))
            {
                for (int i = 0; i < sum.Length; i++)
                {
                    sum[i] += sample.Values[i];
                }
            }
            else
            {
                _samples.Add(moved, [.. sample.Values]);
                _order.Add(moved);
            }
        }
    }

    private sealed class LocationComparer : IEqualityComparer<ProfileLocation>
    {
        public bool Equals(ProfileLocation? left, ProfileLocation? right) =>
            left!.Address == right!.Address && left.Mapping == right.Mapping && left.IsFolded == right.IsFolded && left.Lines.SequenceEqual(right.Lines);

        public int GetHashCode(ProfileLocation location) =>
            HashCode.Combine(location.Address, location.Mapping, location.Lines.Count > 0 ? location.Lines[0].GetHashCode() : 0);
    }

    /// <summary>By stack and labels; values don't count.</summary>
    private sealed class SampleComparer : IEqualityComparer<ProfileSample>
    {
        public bool Equals(ProfileSample? left, ProfileSample? right) =>
            left!.Locations.SequenceEqual(right!.Locations) && left.Labels.SequenceEqual(right.Labels);

        public int GetHashCode(ProfileSample sample)
        {
            var hash = default(HashCode);
            for (int i = 0; i < sample.Locations.Count; i++)
            {
                hash.Add(sample.Locations[i]);
            }

            for (int i = 0; i < sample.Labels.Count; i++)
            {
                hash.Add(sample.Labels[i]);
            }

            return hash.ToHashCode();
        }
    }
}
