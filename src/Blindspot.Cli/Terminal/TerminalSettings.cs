using System.Globalization;
using Blindspot.Interop;

namespace Blindspot.Cli.Terminal;

/// <summary>How wide the terminal is and whether it wants colours.</summary>
internal static class TerminalSettings
{
    private const int MinWidth = 40;
    private const int MaxWidth = 400;
    private const int UsualWidth = 80;
    private const int StandardOutput = 1;
    private const int StandardError = 2;

    /// <summary>Of a pipe or file: wide enough for whole names mostly, and still to be read.</summary>
    private const int PipeWidth = 120;

    public static bool IsColoured(bool isTerminal, bool noColour) =>
        isTerminal
        && !noColour
        && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"))
        && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb";

    public static int Width(bool isTerminal)
    {
        string? columns = Environment.GetEnvironmentVariable("COLUMNS");
        if (!int.TryParse(columns, NumberStyles.None, CultureInfo.InvariantCulture, out int width) || width <= 0)
        {
            width = isTerminal ? TerminalWidth() : PipeWidth;
        }

        return Math.Clamp(width, MinWidth, MaxWidth);
    }

    private static int TerminalWidth() =>
        TerminalWindow.Columns(StandardOutput) ?? TerminalWindow.Columns(StandardError) ?? UsualWidth;
}
