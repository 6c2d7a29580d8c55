namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Makes one of what became equal: locations, and samples with the same stack and the same labels, whose values add up. Tables
/// keep only what is used.
/// </summary>
public static class ProfileJoin
{
    public static Profile Apply(Profile profile)
    {
        var joining = new Joining(profile);
        foreach (ProfileSample sample in profile.Samples)
        {
            joining.Add(sample);
        }

        return profile with { Locations = joining.Locations, Samples = joining.Samples() };
    }

    private sealed class Joining(Profile profile)
    {
        private readonly int[] _newIndexes = NewIndexes(profile.Locations.Count);
        private readonly Dictionary<ProfileLocation, int> _locations = new(LocationComparer.Instance);
        private readonly Dictionary<StackKey, int> _stacks = [];
        private readonly List<(int[] Stack, long[] Values, IReadOnlyList<ProfileLabel> Labels)> _samples = [];

        public List<ProfileLocation> Locations { get; } = [];

        public void Add(ProfileSample sample)
        {
            int[] stack = new int[sample.Locations.Count];
            for (int i = 0; i < stack.Length; i++)
            {
                stack[i] = Join(sample.Locations[i]);
            }

            var key = new StackKey(stack, sample.Labels);
            if (_stacks.TryGetValue(key, out int known))
            {
                long[] values = _samples[known].Values;
                for (int i = 0; i < values.Length; i++)
                {
                    values[i] = unchecked(values[i] + sample.Values[i]);
                }
            }
            else
            {
                _stacks.Add(key, _samples.Count);
                _samples.Add((stack, [.. sample.Values], sample.Labels));
            }
        }

        public ProfileSample[] Samples() =>
            [.. _samples.Select(static sample => new ProfileSample(sample.Stack, sample.Values, sample.Labels))];

        private int Join(int index)
        {
            if (_newIndexes[index] < 0)
            {
                ProfileLocation location = profile.Locations[index];
                if (!_locations.TryGetValue(location, out int known))
                {
                    known = Locations.Count;
                    Locations.Add(location);
                    _locations.Add(location, known);
                }

                _newIndexes[index] = known;
            }

            return _newIndexes[index];
        }

        private static int[] NewIndexes(int count)
        {
            int[] indexes = new int[count];
            Array.Fill(indexes, -1);
            return indexes;
        }
    }

    private readonly struct StackKey(int[] stack, IReadOnlyList<ProfileLabel> labels) : IEquatable<StackKey>
    {
        private readonly int[] _stack = stack;
        private readonly IReadOnlyList<ProfileLabel> _labels = labels;
        private readonly int _hash = HashOf(stack, labels);

        public bool Equals(StackKey other) =>
            _hash == other._hash && _stack.AsSpan().SequenceEqual(other._stack) && _labels.SequenceEqual(other._labels);

        public override bool Equals(object? obj) => obj is StackKey other && Equals(other);

        public override int GetHashCode() => _hash;

        private static int HashOf(int[] stack, IReadOnlyList<ProfileLabel> labels)
        {
            var hash = default(HashCode);
            foreach (int location in stack)
            {
                hash.Add(location);
            }

            for (int i = 0; i < labels.Count; i++)
            {
                hash.Add(labels[i]);
            }

            return hash.ToHashCode();
        }
    }

    private sealed class LocationComparer : IEqualityComparer<ProfileLocation>
    {
        public static LocationComparer Instance { get; } = new();

        public bool Equals(ProfileLocation? x, ProfileLocation? y) =>
            ReferenceEquals(x, y)
            || (x is not null && y is not null && x.Address == y.Address && x.Mapping == y.Mapping && x.IsFolded == y.IsFolded && x.Lines.SequenceEqual(y.Lines));

        public int GetHashCode(ProfileLocation location)
        {
            var hash = default(HashCode);
            hash.Add(location.Address);
            hash.Add(location.Mapping);
            for (int i = 0; i < location.Lines.Count; i++)
            {
                hash.Add(location.Lines[i]);
            }

            return hash.ToHashCode();
        }
    }
}
