using System.Buffers.Text;

namespace Blindspot.Target.Live;

/// <summary>Numbers and fields out of /proc's text files.</summary>
internal static class ProcText
{
    /// <summary>Takes the next number behind blanks, decimal, perhaps negative (in two's complement); moves <paramref name="at"/> behind it.</summary>
    internal static bool TryTakeNumber(ReadOnlySpan<byte> text, ref int at, out ulong value)
    {
        int start = at;
        while (start < text.Length && text[start] is (byte)' ' or (byte)'\t')
        {
            start++;
        }

        int consumed;
        bool parsed;
        if (start < text.Length && text[start] == (byte)'-')
        {
            parsed = Utf8Parser.TryParse(text[start..], out long negative, out consumed);
            value = unchecked((ulong)negative);
        }
        else
        {
            parsed = Utf8Parser.TryParse(text[start..], out value, out consumed);
        }

        if (parsed)
        {
            at = start + consumed;
        }

        return parsed;
    }

    /// <summary>Takes the next hexadecimal number behind blanks, with or without 0x.</summary>
    internal static bool TryTakeHex(ReadOnlySpan<byte> text, ref int at, out ulong value)
    {
        int start = at;
        while (start < text.Length && text[start] is (byte)' ' or (byte)'\t')
        {
            start++;
        }

        if (text[start..].StartsWith("0x"u8))
        {
            start += 2;
        }

        bool parsed = Utf8Parser.TryParse(text[start..], out value, out int consumed, 'x');
        if (parsed)
        {
            at = start + consumed;
        }

        return parsed;
    }

    /// <summary>The text behind "name:" at the start of a line; empty where there is no such line.</summary>
    internal static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            if (line.Length > name.Length && line[name.Length] == (byte)':' && line.StartsWith(name))
            {
                return line[(name.Length + 1)..].Trim(" \t"u8);
            }

            text = end < 0 ? default : text[(end + 1)..];
        }

        return default;
    }
}
