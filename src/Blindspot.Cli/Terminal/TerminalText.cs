using System.Globalization;
using System.Text;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// Makes text of a target harmless: control characters (a name may hold escape sequences), characters that are
/// invisible or turn the direction of writing (Unicode TR 36), and broken UTF-16 are shown as escapes.
/// </summary>
internal static class TerminalText
{
    /// <summary>Marks on one letter; more would spread over the lines above and below.</summary>
    private const int MaxMarks = 3;

    public static string Safe(string text)
    {
        foreach (char c in text)
        {
            if (c is < ' ' or > '~')
            {
                return Escape(text);
            }
        }

        return text;
    }

    private static string Escape(string text)
    {
        var safe = new StringBuilder(text.Length + 16);
        int marks = 0;
        ReadOnlySpan<char> rest = text;
        while (!rest.IsEmpty)
        {
            bool isValid = Rune.DecodeFromUtf16(rest, out Rune rune, out int length) == System.Buffers.OperationStatus.Done;
            int code = isValid ? rune.Value : rest[0];
            UnicodeCategory category = isValid ? Rune.GetUnicodeCategory(rune) : UnicodeCategory.Surrogate;
            bool isMark = category is UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark;
            marks = isMark ? marks + 1 : 0;
            if (IsHarmful(code, category) || marks > MaxMarks)
            {
                AppendEscape(safe, code);
            }
            else
            {
                safe.Append(rest[..length]);
            }

            rest = rest[length..];
        }

        return safe.ToString();
    }

    private static bool IsHarmful(int code, UnicodeCategory category) => category switch
    {
        UnicodeCategory.SpaceSeparator => code != ' ',
        UnicodeCategory.Control
            or UnicodeCategory.Format
            or UnicodeCategory.Surrogate
            or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned
            or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator => true,
        _ => false,
    };

    private static void AppendEscape(StringBuilder safe, int code)
    {
        if (code == '\n')
        {
            safe.Append(@"\n");
        }
        else if (code == '\t')
        {
            safe.Append(@"\t");
        }
        else if (code < 0x100)
        {
            safe.Append(CultureInfo.InvariantCulture, $@"\x{code:x2}");
        }
        else
        {
            safe.Append(CultureInfo.InvariantCulture, $@"\u{{{code:x}}}");
        }
    }
}
