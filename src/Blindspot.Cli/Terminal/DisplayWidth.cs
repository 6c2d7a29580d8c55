using System.Globalization;
using System.Text;

namespace Blindspot.Cli.Terminal;

/// <summary>How many columns of a terminal a text takes, after Unicode's East Asian Width (UAX 11), and cutting to such a width.</summary>
internal static class DisplayWidth
{
    public static int Of(ReadOnlySpan<char> text)
    {
        int width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += Of(rune);
        }

        return width;
    }

    /// <summary>Keeps the start.</summary>
    public static string CutRight(string text, int width)
    {
        if (Of(text) <= width)
        {
            return text;
        }

        int used = 0;
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            used += Of(rune);
            if (used > width - 1)
            {
                break;
            }

            length += rune.Utf16SequenceLength;
        }

        return width > 0 ? string.Concat(text.AsSpan(0, length), "…") : "";
    }

    /// <summary>Keeps the end.</summary>
    public static string CutLeft(string text, int width)
    {
        int used = Of(text);
        if (used <= width)
        {
            return text;
        }

        int start = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (used <= width - 1)
            {
                break;
            }

            used -= Of(rune);
            start += rune.Utf16SequenceLength;
        }

        return width > 0 ? string.Concat("…", text.AsSpan(start)) : "";
    }

    private static int Of(Rune rune)
    {
        int code = rune.Value;
        if (code < 0x300)
        {
            return 1;
        }

        if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark)
        {
            return 0;
        }

        bool isWide = code is (>= 0x1100 and <= 0x115F)
            or (>= 0x2E80 and <= 0xA4CF and not 0x303F)
            or (>= 0xAC00 and <= 0xD7A3)
            or (>= 0xF900 and <= 0xFAFF)
            or (>= 0xFE30 and <= 0xFE6F)
            or (>= 0xFF00 and <= 0xFF60)
            or (>= 0xFFE0 and <= 0xFFE6)
            or (>= 0x1F300 and <= 0x1F64F)
            or (>= 0x1F680 and <= 0x1F6FF)
            or (>= 0x1F900 and <= 0x1FAFF)
            or (>= 0x20000 and <= 0x3FFFD);
        return isWide ? 2 : 1;
    }
}
