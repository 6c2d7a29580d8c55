using System.Globalization;
using System.Text.RegularExpressions;
using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>A condition on a sample's labels, as pprof's tagfocus has it (internal/driver/driver_focus.go, compileTagFilter).</summary>
internal sealed partial class ProfileTagFilter
{
    private readonly string? _key;
    private readonly Regex[] _patterns;
    private readonly NumberRange? _range;

    private ProfileTagFilter(string? key, Regex[] patterns, NumberRange? range)
    {
        _key = key;
        _patterns = patterns;
        _range = range;
    }

    /// <exception cref="BlindspotException">A pattern cannot be understood.</exception>
    public static ProfileTagFilter? Of(string option, string? condition)
    {
        if (string.IsNullOrEmpty(condition))
        {
            return null;
        }

        int equals = condition.IndexOf('=');
        string? key = equals < 0 ? null : condition[..equals];
        string value = condition[(equals + 1)..];
        if (ParseRange(option, value) is { } range)
        {
            return new ProfileTagFilter(Empty(key), [], range);
        }

        // An empty pattern, as behind the last comma, matches everything.
        Regex[] patterns = [.. value.Split(',').Select(pattern => ProfilePattern.Of(option, pattern) ?? new Regex("", RegexOptions.NonBacktracking))];
        return new ProfileTagFilter(Empty(key), patterns, null);

        static string? Empty(string? text) => string.IsNullOrEmpty(text) ? null : text;
    }

    public bool Matches(ProfileSample sample, ProfileLabelUnits units)
    {
        if (_range is { } range)
        {
            return sample.Labels.Any(label => label.Text is null && (_key is null || label.Key == _key) && range.Holds(label.Number, units.Of(label.Key)));
        }

        if (_key is null)
        {
            return _patterns.All(pattern => sample.Labels.Any(label => label.Text is not null && pattern.IsMatch(label.Key + ":" + label.Text)));
        }

        return sample.Labels.Any(label => label.Text is not null && label.Key == _key && _patterns.Any(pattern => pattern.IsMatch(label.Text)));
    }

    /// <summary>"32kb", ":64kb", "4mb:", "12kb:64mb", all with both ends; null for anything else.</summary>
    private static NumberRange? ParseRange(string option, string text)
    {
        Match match = RangeSyntax().Match(text);
        if (!match.Success)
        {
            return null;
        }

        string from = match.Groups["from"].Value;
        string to = match.Groups["to"].Value;
        if ((from.Length > 0 && !IsNumber(from)) || (to.Length > 0 && !IsNumber(to)))
        {
            throw new BlindspotException($"'{text}', given for {option}, has a number that is too large.");
        }

        if (from.Length == 0 && to.Length == 0)
        {
            return null;
        }

        string fromUnit = match.Groups["fromUnit"].Value;
        string toUnit = match.Groups["toUnit"].Value;
        bool isSingle = !match.Groups["colon"].Success;
        (double low, string unit) = from.Length > 0 ? Scale(from, fromUnit, fromUnit) : (double.NegativeInfinity, "");
        (double high, string highUnit) = isSingle ? (low, unit)
            : to.Length > 0 ? Scale(to, toUnit, from.Length > 0 ? unit : toUnit)
            : (double.PositiveInfinity, unit);
        if (from.Length == 0)
        {
            unit = highUnit;
        }

        return unit == highUnit ? new NumberRange(low, high, unit) : null;

        static bool IsNumber(string digits) => long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

        static (double Value, string Unit) Scale(string digits, string unit, string toUnit) =>
            ProfileUnit.Scale(long.Parse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture), unit, toUnit);
    }

    [GeneratedRegex(@"\A(?:(?<from>[+-]?[0-9]+)(?<fromUnit>[A-Za-z]+)?)?(?<colon>:)?(?:(?<=:)(?<to>[+-]?[0-9]+)(?<toUnit>[A-Za-z]+)?)?\z")]
    private static partial Regex RangeSyntax();

    private sealed record NumberRange(double Low, double High, string Unit)
    {
        public bool Holds(long value, string unit)
        {
            (double scaled, string scaledUnit) = ProfileUnit.Scale(value, unit, Unit);
            return scaledUnit == Unit && scaled >= Low && scaled <= High;
        }
    }
}
