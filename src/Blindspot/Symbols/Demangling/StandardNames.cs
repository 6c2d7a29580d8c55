namespace Blindspot.Symbols.Demangling;

/// <param name="Name">As it is shown.</param>
/// <param name="Whole">The type without its alias, for the names of its constructors and destructors.</param>
/// <param name="Last">The name that its constructors and destructors bear.</param>
internal readonly record struct StandardName(string Name, string Whole, string Last);

/// <summary>The abbreviations "St", "Sa" … of &lt;substitution&gt;, Itanium C++ ABI 5.1.8, and the bare names they stand for.</summary>
internal static class StandardNames
{
    /// <summary>Index of "std".</summary>
    public const int Std = 0;

    private const int WholeOffset = 7;
    private const int LastOffset = 14;

    private static readonly StandardName[] s_names =
    [
        new("std", "std", ""),
        new("std::allocator", "std::allocator", "allocator"),
        new("std::basic_string", "std::basic_string", "basic_string"),
        new("std::string", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "basic_string"),
        new("std::istream", "std::basic_istream<char, std::char_traits<char> >", "basic_istream"),
        new("std::ostream", "std::basic_ostream<char, std::char_traits<char> >", "basic_ostream"),
        new("std::iostream", "std::basic_iostream<char, std::char_traits<char> >", "basic_iostream"),
    ];

    public static string Text(int index) => index switch
    {
        < WholeOffset => s_names[index].Name,
        < LastOffset => s_names[index - WholeOffset].Whole,
        _ => s_names[index - LastOffset].Last,
    };

    public static int OfLetter(char letter) => "tabsiod".IndexOf(letter, StringComparison.Ordinal);

    public static int Whole(int index) => index + WholeOffset;

    public static int Last(int index) => index + LastOffset;
}
