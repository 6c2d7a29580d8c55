using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>Two profiles of one kind, with the values of each that are compared.</summary>
/// <param name="NewValue">Index of the new profile's value.</param>
/// <param name="OldValue">Index of the old profile's value.</param>
/// <param name="OldScale">What the old profile's values are multiplied by.</param>
public sealed record ProfileComparison(Profile New, Profile Old, int NewValue, int OldValue, double OldScale)
{
    /// <summary>Recordings whose lengths differ by more are not compared without a word.</summary>
    private const double TolerableDifference = 0.05;

    /// <summary>What a reader of the difference has to know; empty for nothing.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <param name="now">Filtered as it shall be.</param>
    /// <param name="old">Filtered by the same options.</param>
    /// <param name="normalize">Scales the old profile to the new one's total: shares are compared, not amounts.</param>
    /// <param name="value">Index of the new profile's value; its default unless given.</param>
    /// <exception cref="BlindspotException">The old profile has no such value.</exception>
    public static ProfileComparison Of(Profile now, Profile old, bool normalize, int? value = null)
    {
        int newValue = value ?? now.DefaultValue;
        ProfileValueType wanted = now.ValueTypes[newValue];
        int oldValue = 0;
        while (oldValue < old.ValueTypes.Count && !IsSame(old.ValueTypes[oldValue], wanted))
        {
            oldValue++;
        }

        if (oldValue == old.ValueTypes.Count)
        {
            string has = string.Join(", ", old.ValueTypes.Select(static type => $"{type.Type} in {type.Unit}"));
            throw new BlindspotException($"The two profiles cannot be compared: the old one has no {wanted.Type} in {wanted.Unit}, only {has}.");
        }

        double scale = ProfileUnit.Scale(1, old.ValueTypes[oldValue].Unit, wanted.Unit).Value;
        double oldTotal = Total(old, oldValue) * scale;
        var warnings = new List<string>();
        if (normalize && oldTotal != 0)
        {
            scale *= Total(now, newValue) / oldTotal;
        }
        else if (!normalize && now.Duration is { Ticks: > 0 } newTime && old.Duration is { Ticks: > 0 } oldTime
            && Math.Abs(newTime / oldTime - 1) > TolerableDifference)
        {
            warnings.Add($"The profiles cover {newTime.TotalSeconds:0.#} s and {oldTime.TotalSeconds:0.#} s: --normalize compares shares.");
        }

        return new ProfileComparison(now, old, newValue, oldValue, scale) { Warnings = warnings };
    }

    private static double Total(Profile profile, int value)
    {
        double total = 0;
        foreach (ProfileSample sample in profile.Samples)
        {
            total += sample.Values[value];
        }

        return total;
    }

    private static bool IsSame(ProfileValueType one, ProfileValueType other) =>
        one.Type.TrimEnd('s') == other.Type.TrimEnd('s')
        && (one.Unit == other.Unit || ProfileUnit.Scale(1, one.Unit, other.Unit).Unit == ProfileUnit.Scale(1, other.Unit, other.Unit).Unit);
}
