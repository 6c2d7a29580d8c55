using System.Diagnostics.CodeAnalysis;

namespace Blindspot.Symbols.Demangling;

/// <summary>
/// Names of C++ (Itanium ABI) and Rust (legacy and v0) linker symbols, as people read them. Symbols come from the
/// target: work, depth and length are bounded, and no symbol makes it throw. Thread-safe.
/// </summary>
/// <remarks>
/// The full name equals that of "c++filt --no-verbose" (binutils 2.40), but for these: a version behind '@' is left out;
/// "_GLOBAL__sub_I_" is told like "_GLOBAL__I_"; Rust names keep their clone suffix, as C++ names do; forms that are
/// newer than that c++filt (constraints, explicit object parameters, template lambdas, _BitInt, Rust constants that
/// are no numbers) are told as well; what c++filt cannot parse although it follows the grammar may be told too.
/// </remarks>
public static class Demangler
{
    /// <summary>Characters after which a full name is cut.</summary>
    public const int MaxFullLength = 1 << 16;

    /// <summary>No short name is longer: its template arguments are cut from the inside, and then its middle.</summary>
    public const int MaxShortLength = 160;

    private const string ConstructorsText = "global constructors keyed to ";
    private const string DestructorsText = "global destructors keyed to ";

    [ThreadStatic]
    private static DemanglerWorkspace? t_workspace;

    /// <summary>Demangles a symbol as it stands in a symbol table, be it with a version ("@@GLIBC_2.34"); false for every other name.</summary>
    public static bool TryDemangle(string symbol, [NotNullWhen(true)] out Demangled? name)
    {
        name = null;
        if (symbol.Length < 3 || symbol[0] != '_')
        {
            return false;
        }

        int end = symbol.IndexOf('@', StringComparison.Ordinal);
        end = end < 0 ? symbol.Length : end;
        if (symbol.StartsWith("_GLOBAL_", StringComparison.Ordinal))
        {
            return TryGlobal(symbol, end, out name);
        }

        // Some platforms put one or more underscores before every symbol.
        int start = 0;
        while (start < 3 && start + 1 < end && symbol[start + 1] == '_')
        {
            start++;
        }

        if (start + 2 >= end)
        {
            return false;
        }

        DemanglerWorkspace workspace = t_workspace ??= new DemanglerWorkspace();
        name = symbol[start + 1] switch
        {
            'R' => workspace.RustV0(symbol, start, end),
            'Z' => workspace.RustLegacy(symbol, start, end) ?? workspace.Itanium(symbol, start, end),
            _ => null,
        };
        return name != null;
    }

    /// <summary>_GLOBAL_ (. | _ | $) [sub_] (I | D) _ name: a file's static constructors or destructors, called after its first symbol.</summary>
    private static bool TryGlobal(string symbol, int end, [NotNullWhen(true)] out Demangled? name)
    {
        name = null;
        int at = "_GLOBAL_".Length + 1;
        if (at + 2 >= end || symbol[at - 1] is not ('.' or '_' or '$'))
        {
            return false;
        }

        if (string.CompareOrdinal(symbol, at, "sub_", 0, 4) == 0)
        {
            at += 4;
        }

        if (at + 2 >= end || symbol[at] is not ('I' or 'D') || symbol[at + 1] is not ('_' or '.'))
        {
            return false;
        }

        string text = symbol[at] == 'I' ? ConstructorsText : DestructorsText;
        string key = symbol[(at + 2)..end];
        bool isMangled = TryDemangle(key, out Demangled? inner);
        string full = text + (isMangled ? inner!.Full : key.Length > MaxFullLength ? string.Concat(key.AsSpan(0, MaxFullLength), "…") : key);
        string brief = isMangled ? text + inner!.Short : full;
        name = new Demangled(full, brief.Length > MaxShortLength ? string.Concat(brief.AsSpan(0, MaxShortLength - 1), "…") : brief, "c++");
        return true;
    }
}
