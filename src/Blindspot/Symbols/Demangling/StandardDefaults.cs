namespace Blindspot.Symbols.Demangling;

/// <summary>Default template arguments of the C++ standard library's containers, strings, streams and pointers, in their short text.</summary>
internal static class StandardDefaults
{
    private static readonly string[] s_wrappers =
    [
        "std::allocator<",
        "std::char_traits<",
        "std::less<",
        "std::hash<",
        "std::equal_to<",
        "std::default_delete<",
        "std::regex_traits<",
    ];

    /// <summary>True when the last argument is what the template would take by itself, given the ones before it.</summary>
    public static bool IsDefault(ReadOnlySpan<char> template, ReadOnlySpan<char> text, ReadOnlySpan<Range> arguments)
    {
        ReadOnlySpan<char> last = text[arguments[^1]];
        foreach (string wrapper in s_wrappers)
        {
            if (Wrapped(last, wrapper, out ReadOnlySpan<char> inner))
            {
                return IsOneOf(inner, text, arguments[..^1]) || IsElementOfMap(inner, text, arguments[..^1]);
            }
        }

        return template switch
        {
            "std::queue" or "std::stack" => Wrapped(last, "std::deque<", out ReadOnlySpan<char> inner) && IsOneOf(inner, text, arguments[..1]),
            "std::priority_queue" => Wrapped(last, "std::vector<", out ReadOnlySpan<char> inner) && IsOneOf(inner, text, arguments[..1]),
            _ => false,
        };
    }

    private static bool Wrapped(ReadOnlySpan<char> text, string wrapper, out ReadOnlySpan<char> inner)
    {
        if (text.StartsWith(wrapper, StringComparison.Ordinal) && text[^1] == '>')
        {
            inner = text[wrapper.Length..^1];
            return true;
        }

        inner = default;
        return false;
    }

    private static bool IsOneOf(ReadOnlySpan<char> inner, ReadOnlySpan<char> text, ReadOnlySpan<Range> arguments)
    {
        foreach (Range argument in arguments)
        {
            if (inner.SequenceEqual(text[argument]))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>std::pair&lt;Key const, Value&gt;.</summary>
    private static bool IsElementOfMap(ReadOnlySpan<char> inner, ReadOnlySpan<char> text, ReadOnlySpan<Range> arguments)
    {
        if (arguments.Length < 2 || !Wrapped(inner, "std::pair<", out ReadOnlySpan<char> pair))
        {
            return false;
        }

        ReadOnlySpan<char> key = text[arguments[0]];
        ReadOnlySpan<char> value = text[arguments[1]];
        const string Between = " const, ";
        return pair.Length == key.Length + Between.Length + value.Length
            && pair.StartsWith(key, StringComparison.Ordinal)
            && pair[key.Length..].StartsWith(Between, StringComparison.Ordinal)
            && pair.EndsWith(value, StringComparison.Ordinal);
    }
}
