using System.Text;
using System.Text.RegularExpressions;
using Blindspot.Primitives;

namespace Blindspot.Analysis.Profiles;

/// <summary>
/// Patterns as pprof takes them: RE2's syntax, matched anywhere, in time linear to the text. What RE2 spells differently from
/// .NET is translated (https://github.com/google/re2/wiki/Syntax).
/// </summary>
internal static class ProfilePattern
{
    private const int MaxLength = 10_000;

    private static readonly Dictionary<string, string> Classes = new(StringComparer.Ordinal)
    {
        ["alnum"] = "0-9A-Za-z",
        ["alpha"] = "A-Za-z",
        ["ascii"] = @"\x00-\x7F",
        ["blank"] = @"\t ",
        ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9",
        ["graph"] = "!-~",
        ["lower"] = "a-z",
        ["print"] = " -~",
        ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r ",
        ["upper"] = "A-Z",
        ["word"] = "0-9A-Za-z_",
        ["xdigit"] = "0-9A-Fa-f",
    };

    /// <exception cref="BlindspotException">It is no such pattern.</exception>
    public static Regex? Of(string option, string? pattern)
    {
        if (string.IsNullOrEmpty(pattern))
        {
            return null;
        }

        string problem = pattern.Length > MaxLength ? $"It has more than {MaxLength} characters." : "";
        try
        {
            if (problem.Length == 0)
            {
                return new Regex(Translate(pattern), RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            }
        }
        catch (RegexParseException exception)
        {
            problem = $"{Words(exception.Error)} at character {exception.Offset + 1}.";
        }
        catch (NotSupportedException)
        {
            problem = "Look-around, back references, and repetitions of many thousands are not known.";
        }

        string shown = pattern.Length > 200 ? pattern[..200] + "…" : pattern;
        throw new BlindspotException($"'{shown}', given for {option}, is not a regular expression that is understood. {problem}");
    }

    private static string Words(RegexParseError error)
    {
        var words = new StringBuilder();
        foreach (char c in error.ToString())
        {
            words.Append(words.Length > 0 && char.IsUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString());
        }

        return words.ToString();
    }

    private static string Translate(string pattern)
    {
        if (!pattern.Contains('\\') && !pattern.Contains("[:", StringComparison.Ordinal) && !pattern.Contains("(?P<", StringComparison.Ordinal))
        {
            return pattern;
        }

        var translated = new StringBuilder(pattern.Length + 16);
        for (int i = 0; i < pattern.Length; i++)
        {
            ReadOnlySpan<char> rest = pattern.AsSpan(i);
            if (rest.StartsWith("(?P<"))
            {
                translated.Append("(?<");
                i += 3;
            }
            else if (rest.StartsWith("[:") && rest.IndexOf(":]") is int end and > 2 && Classes.TryGetValue(rest[2..end].ToString(), out string? members))
            {
                translated.Append(members);
                i += end + 1;
            }
            else if (rest[0] == '\\' && rest.Length > 1)
            {
                i += TranslateEscape(rest, translated) - 1;
            }
            else
            {
                translated.Append(rest[0]);
            }
        }

        return translated.ToString();
    }

    /// <summary>Gives the characters that the escape takes.</summary>
    private static int TranslateEscape(ReadOnlySpan<char> rest, StringBuilder translated)
    {
        switch (rest[1])
        {
            case 'Q':
                int end = rest.IndexOf(@"\E");
                translated.Append(Regex.Escape((end < 0 ? rest[2..] : rest[2..end]).ToString()));
                return end < 0 ? rest.Length : end + 2;
            case 'x' when rest.Length > 3 && rest[2] == '{' && rest.IndexOf('}') is int close and > 3 and <= 9
                && int.TryParse(rest[3..close], System.Globalization.NumberStyles.AllowHexSpecifier, null, out int code) && code <= char.MaxValue:
                translated.Append($@"\u{code:x4}");
                return close + 1;
            case 'p' or 'P' when rest.Length > 2 && char.IsAsciiLetter(rest[2]):
                translated.Append(rest[..2]).Append('{').Append(rest[2]).Append('}');
                return 3;
            default:
                translated.Append(rest[..2]);
                return 2;
        }
    }
}
