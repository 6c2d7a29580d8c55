using System.Globalization;

namespace Blindspot.Cli.Terminal;

/// <summary>A file and line fitted to a width: directories are dropped from the left, the line number never.</summary>
internal static class SourcePlace
{
    public static string Of(string file, int line) =>
        TerminalText.Safe(line > 0 ? file + ":" + line.ToString(CultureInfo.InvariantCulture) : file);

    /// <summary>File name and line alone.</summary>
    public static string Short(string place) => place[(place.LastIndexOf('/') + 1)..];

    public static string Fit(string place, int width)
    {
        if (DisplayWidth.Of(place) <= width)
        {
            return place;
        }

        for (int slash = place.IndexOf('/', 1); slash >= 0; slash = place.IndexOf('/', slash + 1))
        {
            if (DisplayWidth.Of(place.AsSpan(slash)) + 1 <= width)
            {
                return string.Concat("…", place.AsSpan(slash));
            }
        }

        return DisplayWidth.CutLeft(Short(place), width);
    }
}
