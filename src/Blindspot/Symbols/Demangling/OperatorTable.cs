namespace Blindspot.Symbols.Demangling;

/// <param name="Code">Two letters of the mangling.</param>
/// <param name="Text">As written in C++.</param>
/// <param name="Arity">Operands in an expression.</param>
internal readonly record struct OperatorEntry(string Code, string Text, int Arity);

/// <summary>&lt;operator-name&gt; and the operators of &lt;expression&gt;, Itanium C++ ABI 5.1.3 and 5.1.6.</summary>
internal static class OperatorTable
{
    private static readonly OperatorEntry[] s_entries =
    [
        new("aN", "&=", 2), new("aS", "=", 2), new("aa", "&&", 2), new("ad", "&", 1), new("an", "&", 2),
        new("at", "alignof ", 1), new("aw", "co_await ", 1), new("az", "alignof ", 1), new("cc", "const_cast", 2),
        new("cl", "()", 2), new("cm", ",", 2), new("co", "~", 1), new("cp", "()", 2), new("dV", "/=", 2),
        new("dX", "[...]=", 3), new("da", "delete[] ", 1), new("dc", "dynamic_cast", 2), new("de", "*", 1),
        new("di", "=", 2), new("dl", "delete ", 1), new("ds", ".*", 2), new("dt", ".", 2), new("dv", "/", 2),
        new("dx", "]=", 2), new("eO", "^=", 2), new("eo", "^", 2), new("eq", "==", 2), new("fL", "...", 3),
        new("fR", "...", 3), new("fl", "...", 2), new("fr", "...", 2), new("ge", ">=", 2), new("gs", "::", 1),
        new("gt", ">", 2), new("ix", "[]", 2), new("lS", "<<=", 2), new("le", "<=", 2), new("ls", "<<", 2),
        new("lt", "<", 2), new("mI", "-=", 2), new("mL", "*=", 2), new("mi", "-", 2), new("ml", "*", 2),
        new("mm", "--", 1), new("na", "new[]", 3), new("ne", "!=", 2), new("ng", "-", 1), new("nt", "!", 1),
        new("nw", "new", 3), new("nx", "noexcept", 1), new("oR", "|=", 2), new("oo", "||", 2), new("or", "|", 2),
        new("pL", "+=", 2), new("pl", "+", 2), new("pm", "->*", 2), new("pp", "++", 1), new("ps", "+", 1),
        new("pt", "->", 2), new("qu", "?", 3), new("rM", "%=", 2), new("rS", ">>=", 2), new("rc", "reinterpret_cast", 2),
        new("rm", "%", 2), new("rs", ">>", 2), new("sP", "sizeof...", 1), new("sZ", "sizeof...", 1),
        new("sc", "static_cast", 2), new("ss", "<=>", 2), new("st", "sizeof ", 1), new("sz", "sizeof ", 1),
        new("te", "typeid ", 1), new("ti", "typeid ", 1), new("tr", "throw", 0), new("tw", "throw ", 1),
    ];

    private static readonly sbyte[] s_byCode = IndexByCode();

    public static ref readonly OperatorEntry At(int index) => ref s_entries[index];

    /// <summary>Index of the operator of these two letters, or -1.</summary>
    public static int Find(char first, char second) =>
        first < 128 && second < 128 ? s_byCode[(first << 7) | second] : -1;

    private static sbyte[] IndexByCode()
    {
        sbyte[] byCode = new sbyte[128 * 128];
        Array.Fill(byCode, (sbyte)-1);
        for (int i = 0; i < s_entries.Length; i++)
        {
            byCode[(s_entries[i].Code[0] << 7) | s_entries[i].Code[1]] = (sbyte)i;
        }

        return byCode;
    }
}
