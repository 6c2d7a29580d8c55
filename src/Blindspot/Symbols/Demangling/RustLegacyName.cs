using System.Globalization;
using System.Text;

namespace Blindspot.Symbols.Demangling;

/// <summary>
/// Rust's older mangling: an Itanium nested name of plain identifiers whose last is "h" and a hash of 16 hexadecimal
/// digits; what C++ identifiers can't hold is escaped between dollar signs.
/// </summary>
internal static class RustLegacyName
{
    private const int HashDigits = 16;

    /// <summary>Writes the path without its hash; false if the symbol, which begins with "_ZN" at start, is not one.</summary>
    /// <param name="suffixStart">Where what a compiler or linker appended begins.</param>
    public static bool TryPrint(string symbol, int start, int end, NameBuffer output, int limit, out int suffixStart)
    {
        suffixStart = end;
        int at = start + 3;
        int parts = 0;
        ReadOnlySpan<char> last = default;
        while (true)
        {
            if (at >= end)
            {
                return false;
            }

            if (symbol[at] == 'E')
            {
                break;
            }

            ReadOnlySpan<char> part = TakePart(symbol, ref at, end);
            if (part.IsEmpty)
            {
                return false;
            }

            last = part;
            parts++;
        }

        suffixStart = at + 1;
        if (parts < 2 || !IsHash(last) || (suffixStart < end && symbol[suffixStart] != '.'))
        {
            return false;
        }

        output.Start(limit);
        at = start + 3;
        for (int i = 0; i < parts - 1; i++)
        {
            if (i > 0)
            {
                output.Append("::");
            }

            PrintPart(TakePart(symbol, ref at, end), output);
        }

        return true;
    }

    private static ReadOnlySpan<char> TakePart(string symbol, scoped ref int at, int end)
    {
        int length = 0;
        int start = at;
        while (at < end && char.IsAsciiDigit(symbol[at]) && length < end)
        {
            length = (length * 10) + (symbol[at++] - '0');
        }

        if (at == start || length <= 0 || length > end - at)
        {
            return default;
        }

        ReadOnlySpan<char> part = symbol.AsSpan(at, length);
        at += length;
        return part;
    }

    /// <summary>C++ may have such a name too; a true hash has at least five different digits.</summary>
    private static bool IsHash(ReadOnlySpan<char> part)
    {
        if (part.Length != HashDigits + 1 || part[0] != 'h')
        {
            return false;
        }

        int seen = 0;
        foreach (char digit in part[1..])
        {
            if (!char.IsAsciiHexDigitLower(digit))
            {
                return false;
            }

            seen |= 1 << (char.IsAsciiDigit(digit) ? digit - '0' : digit - 'a' + 10);
        }

        return int.PopCount(seen) >= 5;
    }

    private static void PrintPart(ReadOnlySpan<char> part, NameBuffer output)
    {
        if (part.StartsWith("_$", StringComparison.Ordinal))
        {
            part = part[1..];
        }

        while (!part.IsEmpty)
        {
            if (part[0] == '.')
            {
                bool isSeparator = part.Length > 1 && part[1] == '.';
                output.Append(isSeparator ? "::" : ".");
                part = part[(isSeparator ? 2 : 1)..];
                continue;
            }

            if (part[0] == '$')
            {
                int close = part[1..].IndexOf('$');
                if (close < 0 || !PrintEscape(part.Slice(1, close), output))
                {
                    output.Append(part);
                    return;
                }

                part = part[(close + 2)..];
                continue;
            }

            int plain = part.IndexOfAny('$', '.');
            plain = plain < 0 ? part.Length : plain;
            output.Append(part[..plain]);
            part = part[plain..];
        }
    }

    private static bool PrintEscape(ReadOnlySpan<char> escape, NameBuffer output)
    {
        char simple = escape switch
        {
            "SP" => '@',
            "BP" => '*',
            "RF" => '&',
            "LT" => '<',
            "GT" => '>',
            "LP" => '(',
            "RP" => ')',
            "C" => ',',
            _ => '\0',
        };
        if (simple != '\0')
        {
            output.Append(simple);
            return true;
        }

        if (escape.Length > 1 && escape[0] == 'u'
            && int.TryParse(escape[1..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int value)
            && Rune.IsValid(value) && !Rune.IsControl(new Rune(value)))
        {
            Span<char> encoded = stackalloc char[2];
            int count = new Rune(value).EncodeToUtf16(encoded);
            output.Append(encoded[..count]);
            return true;
        }

        return false;
    }
}
