using System.Buffers.Text;
using System.Text.Json;
using Blindspot.Primitives;

namespace Blindspot.Export.Json;

/// <summary>
/// The fields of Blindspot's JSON: null where a value is unknown, addresses and masks as "0x…" (a JSON number holds 53
/// bits in many readers), and strings of a target bounded and mended where they are no valid UTF-16.
/// </summary>
internal sealed class JsonFields(Utf8JsonWriter writer, CancellationToken cancel)
{
    private const int FlushAt = 64 * 1024;
    private const char Replacement = '\uFFFD';

    public void Text(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null)
        {
            writer.WriteNull(name);
        }
        else
        {
            writer.WriteString(name, Mend(value));
        }
    }

    public void Flag(ReadOnlySpan<byte> name, bool? value)
    {
        if (value is { } known)
        {
            writer.WriteBoolean(name, known);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    public void Letter(ReadOnlySpan<byte> name, char value)
    {
        char mended = char.IsSurrogate(value) ? Replacement : value;
        writer.WriteString(name, new ReadOnlySpan<char>(in mended));
    }

    public void Number(ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    public void Number(ReadOnlySpan<byte> name, double? value)
    {
        // Infinity and NaN have no place in JSON (RFC 8259, section 6).
        if (value is { } number && double.IsFinite(number))
        {
            writer.WriteNumber(name, Math.Round(number, 6));
        }
        else
        {
            writer.WriteNull(name);
        }
    }

    public void Hex(ReadOnlySpan<byte> name, ulong? value)
    {
        if (value is not { } number)
        {
            writer.WriteNull(name);
            return;
        }

        Span<byte> text = stackalloc byte[18];
        "0x"u8.CopyTo(text);
        Utf8Formatter.TryFormat(number, text[2..], out int digits, new('x'));
        writer.WriteString(name, text[..(2 + digits)]);
    }

    /// <summary>A list of strings; null where there is none.</summary>
    public void Texts(ReadOnlySpan<byte> name, IReadOnlyList<string>? values)
    {
        if (values is null)
        {
            writer.WriteNull(name);
            return;
        }

        writer.WriteStartArray(name);
        foreach (string value in values)
        {
            writer.WriteStringValue(Mend(value));
        }

        writer.WriteEndArray();
    }

    public void Numbers(ReadOnlySpan<byte> name, IReadOnlyList<int> values)
    {
        writer.WriteStartArray(name);
        foreach (int value in values)
        {
            writer.WriteNumberValue(value);
        }

        writer.WriteEndArray();
    }

    /// <summary>A list of objects, which goes out in pieces: what is held at a time does not grow with it. Null where there is none.</summary>
    /// <exception cref="OperationCanceledException">It was called off.</exception>
    public void Each<T>(ReadOnlySpan<byte> name, IReadOnlyList<T>? items, Action<T> write)
    {
        if (items is null)
        {
            writer.WriteNull(name);
            return;
        }

        writer.WriteStartArray(name);
        for (int i = 0; i < items.Count; i++)
        {
            writer.WriteStartObject();
            write(items[i]);
            writer.WriteEndObject();
            if (writer.BytesPending >= FlushAt)
            {
                cancel.ThrowIfCancellationRequested();
                writer.Flush();
            }
        }

        writer.WriteEndArray();
    }

    /// <summary>An object of strings. Of equal keys the first counts: two in one object would mislead most readers.</summary>
    public void Map(ReadOnlySpan<byte> name, IReadOnlyList<KeyValuePair<string, string>> pairs)
    {
        writer.WriteStartObject(name);
        if (pairs.Count > 0)
        {
            var seen = new HashSet<string>(pairs.Count, StringComparer.Ordinal);
            foreach ((string key, string value) in pairs)
            {
                string mended = Mend(key);
                if (seen.Add(mended))
                {
                    writer.WriteString(mended, Mend(value));
                }
            }
        }

        writer.WriteEndObject();
    }

    private static string Mend(string text)
    {
        string bounded = text.Length > Limits.Default.MaxNameLength
            ? string.Concat(text.AsSpan(0, Limits.Default.MaxNameLength), "…")
            : text;
        for (int i = 0; i < bounded.Length; i++)
        {
            if (char.IsSurrogate(bounded[i]))
            {
                return MendSurrogates(bounded);
            }
        }

        return bounded;
    }

    private static string MendSurrogates(string text) => string.Create(text.Length, text, static (mended, original) =>
    {
        for (int i = 0; i < original.Length; i++)
        {
            bool isPair = i + 1 < original.Length && char.IsSurrogatePair(original[i], original[i + 1]);
            mended[i] = char.IsSurrogate(original[i]) && !isPair ? Replacement : original[i];
            if (isPair)
            {
                mended[i + 1] = original[++i];
            }
        }
    });
}
