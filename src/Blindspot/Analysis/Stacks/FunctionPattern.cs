namespace Blindspot.Analysis.Stacks;

/// <summary>
/// A pattern for function names: with <c>*</c> or <c>?</c> a glob for the whole name, else a part of it. Letter case
/// does not matter.
/// </summary>
public sealed class FunctionPattern(string pattern)
{
    private readonly bool _isGlob = pattern.AsSpan().IndexOfAny('*', '?') >= 0;

    public bool Matches(string name) => _isGlob ? MatchesGlob(name) : name.Contains(pattern, StringComparison.OrdinalIgnoreCase);

    /// <summary>On a mismatch only the last star takes one character more: never worse than pattern times name.</summary>
    private bool MatchesGlob(string name)
    {
        int inPattern = 0;
        int inName = 0;
        int star = -1;
        int taken = 0;
        while (inName < name.Length)
        {
            if (inPattern < pattern.Length && pattern[inPattern] == '*')
            {
                star = inPattern++;
                taken = inName;
            }
            else if (inPattern < pattern.Length && IsSame(pattern[inPattern], name[inName]))
            {
                inPattern++;
                inName++;
            }
            else if (star >= 0)
            {
                inPattern = star + 1;
                inName = ++taken;
            }
            else
            {
                return false;
            }
        }

        return pattern.AsSpan(inPattern).TrimStart('*').IsEmpty;
    }

    private static bool IsSame(char wanted, char actual) =>
        wanted == '?' || char.ToUpperInvariant(wanted) == char.ToUpperInvariant(actual);
}
