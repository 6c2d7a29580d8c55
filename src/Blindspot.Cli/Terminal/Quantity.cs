using System.Globalization;

namespace Blindspot.Cli.Terminal;

/// <summary>Counts and times in words.</summary>
internal static class Quantity
{
    public static string Of(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>"1 thread", "1,204 threads".</summary>
    public static string Of(long count, string noun) => count == 1 ? "1 " + noun : Of(count) + " " + noun + "s";

    /// <summary>"912 B", "1.3 MiB".</summary>
    public static string OfBytes(long bytes) => bytes switch
    {
        < 1 << 10 => Text(bytes, "B"),
        < 1 << 20 => Text(Math.Round(bytes / 1024.0, bytes < 10 << 10 ? 1 : 0), "KiB"),
        < 1 << 30 => Text(Math.Round(bytes / 1048576.0, 1), "MiB"),
        _ => Text(Math.Round(bytes / 1073741824.0, 1), "GiB"),
    };

    /// <summary>Whole units, rounded down: a time that is a lower bound stays one.</summary>
    public static string OfSeconds(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 0)
        {
            return "?";
        }

        if (seconds < 1)
        {
            return OfMilliseconds(seconds * 1000);
        }

        return seconds switch
        {
            < 60 => Text(Math.Floor(seconds), "s"),
            < 3600 => Text(Math.Floor(seconds / 60), "min"),
            < 24 * 3600 => Two(seconds, 3600, "h", 60, "min"),
            _ => Two(seconds, 24 * 3600, "d", 3600, "h"),
        };
    }

    public static string OfMilliseconds(double milliseconds) => milliseconds switch
    {
        < 10 => Text(Math.Round(milliseconds, 1), "ms"),
        < 10_000 => Text(Math.Round(milliseconds), "ms"),
        _ => Text(Math.Round(milliseconds / 1000, 1), "s"),
    };

    private static string Two(double seconds, int unit, string name, int smaller, string smallerName)
    {
        double rest = Math.Floor(seconds % unit / smaller);
        string text = Text(Math.Floor(seconds / unit), name);
        return rest == 0 ? text : text + " " + Text(rest, smallerName);
    }

    private static string Text(double value, string unit) => value.ToString("0.#", CultureInfo.InvariantCulture) + " " + unit;
}
