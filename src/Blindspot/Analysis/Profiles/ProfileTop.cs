namespace Blindspot.Analysis.Profiles;

/// <summary>What a profile's cost is added up by.</summary>
public enum ProfileTopBy
{
    Function,
    Line,
    Module,

    /// <summary>The Go function that calls C, with the C function that it enters.</summary>
    Boundary,
}

/// <summary>What costs most, the most first: by its own cost, for boundaries by the cost below.</summary>
/// <param name="Total">Of all samples.</param>
/// <param name="OldTotal">Of the profile that it is compared with, scaled; null where there is none.</param>
public sealed record ProfileTop(
    ProfileTopBy By, ProfileValueType Value, double Total, double? OldTotal, int SampleCount, TimeSpan? Duration, IReadOnlyList<ProfileTopRow> Rows)
{
    /// <param name="profile">Filtered as it shall be.</param>
    /// <param name="by">What a row is.</param>
    /// <param name="value">Index of the value; the profile's default unless given.</param>
    public static ProfileTop Of(Profile profile, ProfileTopBy by, int? value = null)
    {
        int index = value ?? profile.DefaultValue;
        var counting = new Counting(by);
        double total = counting.Add(profile, index, 1, isOld: false);
        IEnumerable<ProfileTopRow> unsorted = counting.Rows();
        IOrderedEnumerable<ProfileTopRow> rows = by == ProfileTopBy.Boundary
            ? unsorted.OrderByDescending(static row => Math.Abs(row.Cum)).ThenByDescending(static row => Math.Abs(row.Flat))
            : unsorted.OrderByDescending(static row => Math.Abs(row.Flat)).ThenByDescending(static row => Math.Abs(row.Cum));
        return new ProfileTop(by, profile.ValueTypes[index], total, null, profile.Samples.Count, profile.Duration, [.. ByName(rows)]);
    }

    /// <summary>With what changed most first.</summary>
    public static ProfileTop Of(ProfileComparison comparison, ProfileTopBy by)
    {
        var counting = new Counting(by);
        double total = counting.Add(comparison.New, comparison.NewValue, 1, isOld: false);
        double oldTotal = counting.Add(comparison.Old, comparison.OldValue, comparison.OldScale, isOld: true);
        IEnumerable<ProfileTopRow> unsorted = counting.Rows();
        IOrderedEnumerable<ProfileTopRow> rows = by == ProfileTopBy.Boundary
            ? unsorted.OrderByDescending(static row => Math.Abs(row.Cum - row.OldCum)).ThenByDescending(static row => Math.Abs(row.Flat - row.OldFlat))
            : unsorted.OrderByDescending(static row => Math.Abs(row.Flat - row.OldFlat)).ThenByDescending(static row => Math.Abs(row.Cum - row.OldCum));
        return new ProfileTop(
            by, comparison.New.ValueTypes[comparison.NewValue], total, oldTotal, comparison.New.Samples.Count, comparison.New.Duration, [.. ByName(rows)]);
    }

    private static IEnumerable<ProfileTopRow> ByName(IOrderedEnumerable<ProfileTopRow> rows) =>
        rows.ThenBy(static row => row.Name, StringComparer.Ordinal).ThenBy(static row => row.Entry, StringComparer.Ordinal);

    /// <param name="Module">Its file name alone, so that profiles of two installations can be compared.</param>
    private readonly record struct Key(string Name, string? Entry, string Module, string File, long Line);

    private sealed class Row(ProfileFrame frame)
    {
        public ProfileFrame Frame { get; } = frame;

        public double Flat { get; set; }

        public double Cum { get; set; }

        public double OldFlat { get; set; }

        public double OldCum { get; set; }

        /// <summary>The last sample that was counted: recursion counts once.</summary>
        public int LastSample { get; set; } = -1;
    }

    private sealed class Counting(ProfileTopBy by)
    {
        private readonly Dictionary<Key, Row> _rows = [];
        private readonly List<ProfileFrame> _stack = [];
        private readonly List<ProfileBoundary> _crossings = [];
        private int _sample;

        public double Add(Profile profile, int value, double scale, bool isOld)
        {
            var frames = new ProfileFrameTable(profile);
            double total = 0;
            foreach (ProfileSample sample in profile.Samples)
            {
                double cost = sample.Values[value] * scale;
                total += cost;
                frames.Expand(sample, _stack);
                _sample++;
                if (by == ProfileTopBy.Boundary)
                {
                    AddCrossings(cost, isOld);
                    continue;
                }

                for (int i = 0; i < _stack.Count; i++)
                {
                    Count(KeyOf(_stack[i]), _stack[i], cost, isFlat: i == 0, isOld);
                }
            }

            return total;
        }

        public IEnumerable<ProfileTopRow> Rows() => _rows.Select(pair => new ProfileTopRow(
            pair.Key.Name, pair.Key.Entry, pair.Key.Module, pair.Key.File, pair.Key.Line,
            by == ProfileTopBy.Module ? "" : pair.Value.Frame.Language, pair.Value.Flat, pair.Value.Cum, pair.Value.OldFlat, pair.Value.OldCum));

        private void AddCrossings(double cost, bool isOld)
        {
            ProfileBoundary.Find(_stack, _crossings);
            for (int i = 0; i < _crossings.Count; i++)
            {
                ProfileFrame caller = _stack[_crossings[i].Caller];
                ProfileFrame entry = _stack[_crossings[i].Entry];
                var key = new Key(caller.Name, _crossings[i].EntryName, entry.WrappedFunction is null ? entry.ModuleName : "", caller.File, caller.LineNumber);
                Count(key, caller, cost, isFlat: i == 0, isOld);
            }
        }

        private Key KeyOf(ProfileFrame frame) => by switch
        {
            ProfileTopBy.Module => new Key(frame.ModuleName.Length > 0 ? frame.ModuleName : "[no module]", null, "", "", 0),
            ProfileTopBy.Line => new Key(frame.Name, null, frame.ModuleName, frame.File, frame.LineNumber),
            _ => new Key(frame.Name, null, frame.ModuleName, frame.File, frame.Line?.StartLine ?? 0),
        };

        private void Count(Key key, ProfileFrame frame, double cost, bool isFlat, bool isOld)
        {
            if (!_rows.TryGetValue(key, out Row? row))
            {
                row = new Row(frame);
                _rows.Add(key, row);
            }

            bool isFirst = row.LastSample != _sample;
            row.LastSample = _sample;
            if (isOld)
            {
                row.OldFlat += isFlat ? cost : 0;
                row.OldCum += isFirst ? cost : 0;
            }
            else
            {
                row.Flat += isFlat ? cost : 0;
                row.Cum += isFirst ? cost : 0;
            }
        }
    }
}

/// <param name="Name">Function or module; for a boundary, the Go function that calls.</param>
/// <param name="Entry">The C function that is entered; null in other tables.</param>
/// <param name="Module">File name of the function's module, for a boundary of the entry's; "" where not known.</param>
/// <param name="File">Source file; "" where not known.</param>
/// <param name="Line">Of a function where it begins, else of the place; 0 where not known.</param>
/// <param name="Language">See <see cref="ProfileLine"/>.</param>
/// <param name="Flat">Samples that end there; for a boundary, that crossed none after it.</param>
/// <param name="Cum">Samples that go through it.</param>
/// <param name="OldFlat">The same in the profile that it is compared with, scaled; 0 where there is none.</param>
public sealed record ProfileTopRow(
    string Name, string? Entry, string Module, string File, long Line, string Language, double Flat, double Cum, double OldFlat, double OldCum);
