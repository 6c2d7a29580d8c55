using System.Globalization;

namespace Blindspot.Runtime.Go;

/// <summary>
/// The version of a Go toolchain as binaries name it: "go1.27.4", "go1.22rc1", "devel go1.28-0123abc Mon …",
/// "go1.25.1 X:nodwarf5".
/// </summary>
/// <param name="Text">As it stands in the binary.</param>
/// <param name="Minor">27 for Go 1.27.4; null where the text names no Go 1 release.</param>
/// <param name="IsDevelopment">Built from a tree between releases: layouts of that minor version may not hold.</param>
/// <param name="Experiments">GOEXPERIMENT settings other than the default ("nodwarf5"), or null.</param>
public sealed record GoVersion(string Text, int? Minor, bool IsDevelopment, string? Experiments)
{
    public static GoVersion Parse(string text)
    {
        ReadOnlySpan<char> rest = text;
        int at = rest.IndexOf("go1.");
        bool isDevelopment = text.StartsWith("devel", StringComparison.Ordinal);
        int? minor = null;
        if (at >= 0)
        {
            ReadOnlySpan<char> digits = rest[(at + 4)..];
            int length = digits.IndexOfAnyExceptInRange('0', '9');
            digits = length < 0 ? digits : digits[..length];
            if (digits.Length is > 0 and <= 3 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int parsed))
            {
                minor = parsed;
            }
        }

        int experiments = text.IndexOf(" X:", StringComparison.Ordinal);
        return new GoVersion(text, minor, isDevelopment, experiments < 0 ? null : text[(experiments + 3)..].Split(' ')[0]);
    }

    public override string ToString() => Text;
}
