using System.Text;

namespace Blindspot.Cli.Commands;

/// <summary>
/// Splits the text of a filter into arguments: at white space that is not in quotes. A line that begins with # is a remark. A
/// backslash is itself: patterns are full of them.
/// </summary>
internal static class FilterText
{
    public static IReadOnlyList<string> Split(string text)
    {
        var arguments = new List<string>();
        var argument = new StringBuilder();
        bool isInside = false;
        char quote = '\0';
        bool isLineStart = true;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (quote == '\0' && isLineStart && c == '#')
            {
                while (i + 1 < text.Length && text[i + 1] != '\n')
                {
                    i++;
                }

                continue;
            }

            isLineStart = c == '\n' || (isLineStart && char.IsWhiteSpace(c));
            if (quote == '\0' && char.IsWhiteSpace(c))
            {
                Flush();
            }
            else if (quote == '\0' && (c is '\'' or '"'))
            {
                quote = c;
                isInside = true;
            }
            else if (c == quote)
            {
                quote = '\0';
            }
            else
            {
                argument.Append(c);
                isInside = true;
            }
        }

        Flush();
        return arguments;

        void Flush()
        {
            if (isInside)
            {
                arguments.Add(argument.ToString());
                argument.Clear();
                isInside = false;
            }
        }
    }
}
