using System.Text;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// Fits a function's name to a width and keeps what tells it from others: first the parameters and type arguments go,
/// then the package or namespace from the left.
/// </summary>
internal static class FunctionName
{
    public static string Fit(string name, int width)
    {
        if (DisplayWidth.Of(name) <= width)
        {
            return name;
        }

        string fitted = Collapse(name, '[', ']');
        if (DisplayWidth.Of(fitted) > width && name.Contains("::", StringComparison.Ordinal))
        {
            fitted = Collapse(fitted, '(', ')');
            if (DisplayWidth.Of(fitted) > width)
            {
                fitted = Collapse(fitted, '<', '>');
            }
        }

        fitted = DropLeft(fitted, width, fitted.Contains("::", StringComparison.Ordinal) ? "::" : "/");
        return DisplayWidth.CutLeft(fitted, width);
    }

    /// <summary>
    /// Replaces what stands between outermost brackets by an ellipsis. An operator's own signs are no brackets, and
    /// neither is the arrow of a return type.
    /// </summary>
    private static string Collapse(string name, char open, char close)
    {
        const string Operator = "operator";
        var collapsed = new StringBuilder(name.Length);
        int depth = 0;
        for (int i = 0; i < name.Length; i++)
        {
            if (depth == 0 && string.CompareOrdinal(name, i, Operator, 0, Operator.Length) == 0)
            {
                int end = i + Operator.Length;
                end += string.CompareOrdinal(name, end, "()", 0, 2) == 0 ? 2 : 0;
                while (end < name.Length && "<>=-!+*/%^&|~,[]".Contains(name[end]))
                {
                    end++;
                }

                collapsed.Append(name, i, end - i);
                i = end - 1;
                continue;
            }

            bool isArrow = close == '>' && name[i] == '>' && i > 0 && name[i - 1] is '-' or '=';
            if (name[i] == close && depth > 0 && !isArrow)
            {
                depth--;
            }

            if (depth == 0)
            {
                collapsed.Append(name[i]);
            }

            if (name[i] == open)
            {
                depth++;
                if (depth == 1 && i + 1 < name.Length && name[i + 1] != close)
                {
                    collapsed.Append('…');
                }
            }
        }

        return depth == 0 ? collapsed.ToString() : name;
    }

    /// <summary>Drops whole parts from the left until the rest fits behind an ellipsis; never the last part.</summary>
    private static string DropLeft(string name, int width, string separator)
    {
        if (DisplayWidth.Of(name) <= width)
        {
            return name;
        }

        for (int at = name.IndexOf(separator, StringComparison.Ordinal);
             at >= 0;
             at = name.IndexOf(separator, at + separator.Length, StringComparison.Ordinal))
        {
            string rest = "…" + name[at..];
            if (DisplayWidth.Of(rest) <= width)
            {
                return rest;
            }
        }

        return name;
    }
}
