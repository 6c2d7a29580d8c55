namespace Blindspot.Symbols.Demangling;

/// <summary>How a literal of the type is written.</summary>
internal enum LiteralStyle : byte
{
    Cast,
    Bare,
    Suffix,
    Bool,
    Float,
}

internal readonly record struct BuiltinType(string Name, LiteralStyle Style, string Suffix = "");

/// <summary>&lt;builtin-type&gt;, Itanium C++ ABI 5.1.5.2.</summary>
internal static class BuiltinTypes
{
    public const int DecltypeNullptr = 26;

    private static readonly BuiltinType[] s_types =
    [
        new("signed char", LiteralStyle.Cast),
        new("bool", LiteralStyle.Bool),
        new("char", LiteralStyle.Cast),
        new("double", LiteralStyle.Float),
        new("long double", LiteralStyle.Float),
        new("float", LiteralStyle.Float),
        new("__float128", LiteralStyle.Float),
        new("unsigned char", LiteralStyle.Cast),
        new("int", LiteralStyle.Bare),
        new("unsigned int", LiteralStyle.Suffix, "u"),
        new("", LiteralStyle.Cast),
        new("long", LiteralStyle.Suffix, "l"),
        new("unsigned long", LiteralStyle.Suffix, "ul"),
        new("__int128", LiteralStyle.Cast),
        new("unsigned __int128", LiteralStyle.Cast),
        new("", LiteralStyle.Cast),
        new("", LiteralStyle.Cast),
        new("", LiteralStyle.Cast),
        new("short", LiteralStyle.Cast),
        new("unsigned short", LiteralStyle.Cast),
        new("", LiteralStyle.Cast),
        new("void", LiteralStyle.Cast),
        new("wchar_t", LiteralStyle.Cast),
        new("long long", LiteralStyle.Suffix, "ll"),
        new("unsigned long long", LiteralStyle.Suffix, "ull"),
        new("...", LiteralStyle.Cast),
        new("decltype(nullptr)", LiteralStyle.Cast),
        new("decimal32", LiteralStyle.Cast),
        new("decimal64", LiteralStyle.Cast),
        new("decimal128", LiteralStyle.Cast),
        new("half", LiteralStyle.Float),
        new("char8_t", LiteralStyle.Cast),
        new("char16_t", LiteralStyle.Cast),
        new("char32_t", LiteralStyle.Cast),
        new("auto", LiteralStyle.Cast),
        new("decltype(auto)", LiteralStyle.Cast),
        new("std::bfloat16_t", LiteralStyle.Float),
    ];

    public static BuiltinType At(int index) => s_types[index];

    public static bool IsVoid(int index) => index == 'v' - 'a';

    /// <summary>Index of the type that one letter stands for, or -1.</summary>
    public static int OfLetter(char letter) =>
        letter is >= 'a' and <= 'z' && s_types[letter - 'a'].Name.Length > 0 ? letter - 'a' : -1;

    /// <summary>Index of the type that the letter after 'D' stands for, or -1.</summary>
    public static int OfLetterAfterD(char letter) => letter switch
    {
        'n' => DecltypeNullptr,
        'f' => 27,
        'd' => 28,
        'e' => 29,
        'h' => 30,
        'u' => 31,
        's' => 32,
        'i' => 33,
        'a' => 34,
        'c' => 35,
        _ => -1,
    };

    public const int BFloat16 = 36;
}
