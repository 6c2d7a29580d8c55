using System.Text;

namespace Blindspot.Symbols.Demangling;

/// <summary>Punycode (RFC 3492) as Rust uses it for identifiers that are not ASCII, with '_' for the delimiter.</summary>
internal static class Punycode
{
    private const int Base = 36;
    private const int MaxCharacters = 256;

    /// <summary>Appends the identifier whose plain characters and insertions are given; false when they make none.</summary>
    public static bool TryDecode(ReadOnlySpan<char> plain, ReadOnlySpan<char> insertions, NameBuffer output)
    {
        if (plain.Length >= MaxCharacters || insertions.IsEmpty)
        {
            return false;
        }

        Span<int> decoded = stackalloc int[MaxCharacters];
        int count = 0;
        foreach (char letter in plain)
        {
            decoded[count++] = letter;
        }

        long point = 128;
        long position = 0;
        int bias = 72;
        bool isFirst = true;
        int at = 0;
        while (at < insertions.Length)
        {
            long previous = position;
            long weight = 1;
            for (int k = Base; ; k += Base)
            {
                if (at >= insertions.Length || DigitOf(insertions[at++]) is not int digit)
                {
                    return false;
                }

                position += digit * weight;
                int threshold = Math.Clamp(k - bias, 1, 26);
                if (position > int.MaxValue)
                {
                    return false;
                }

                if (digit < threshold)
                {
                    break;
                }

                weight *= Base - threshold;
                if (weight > int.MaxValue)
                {
                    return false;
                }
            }

            count++;
            bias = Adapt(position - previous, count, isFirst);
            isFirst = false;
            point += position / count;
            position %= count;
            if (count > MaxCharacters || point > 0x10FFFF || !Rune.IsValid((int)point))
            {
                return false;
            }

            decoded[(int)position..(count - 1)].CopyTo(decoded[((int)position + 1)..]);
            decoded[(int)position] = (int)point;
            position++;
        }

        Span<char> encoded = stackalloc char[2];
        foreach (int value in decoded[..count])
        {
            int length = new Rune(value).EncodeToUtf16(encoded);
            output.Append(encoded[..length]);
        }

        return true;
    }

    private static int? DigitOf(char letter) => letter switch
    {
        >= 'a' and <= 'z' => letter - 'a',
        >= '0' and <= '9' => letter - '0' + 26,
        _ => null,
    };

    /// <summary>RFC 3492, 6.1.</summary>
    private static int Adapt(long delta, int count, bool isFirst)
    {
        delta /= isFirst ? 700 : 2;
        delta += delta / count;
        int k = 0;
        while (delta > (Base - 1) * 26 / 2)
        {
            delta /= Base - 1;
            k += Base;
        }

        return (int)(k + (Base * delta / (delta + 38)));
    }
}
