namespace Blindspot.Cli.Terminal;

/// <summary>Writes styled text to a terminal or, without a single escape sequence, to a pipe or file. Knows the column it is at.</summary>
internal sealed class StyledWriter(TextWriter output, bool isColoured, int width)
{
    private static readonly string Spaces = new(' ', 64);

    public int Width { get; } = width;

    public int Column { get; private set; }

    public void Write(StyledText text)
    {
        if (text.Text.Length == 0)
        {
            return;
        }

        Column += DisplayWidth.Of(text.Text);
        string begin = isColoured ? Palette.Begin(text.Style) : "";
        if (begin.Length == 0)
        {
            output.Write(text.Text);
            return;
        }

        output.Write(begin);
        output.Write(text.Text);
        output.Write(Palette.Reset);
    }

    public void PadTo(int column)
    {
        while (Column < column)
        {
            int count = Math.Min(column - Column, Spaces.Length);
            output.Write(Spaces.AsSpan(0, count));
            Column += count;
        }
    }

    public void EndLine()
    {
        output.Write('\n');
        Column = 0;
    }

    /// <summary>
    /// Writes parts with a faint dot between them, from the current column on, and goes on in a new line at
    /// <paramref name="indent"/> where a part does not fit. A part that fits in no line is cut at its right.
    /// </summary>
    public void WriteParts(int indent, IReadOnlyList<StyledText> parts)
    {
        for (int i = 0; i < parts.Count; i++)
        {
            StyledText part = parts[i];
            int length = DisplayWidth.Of(part.Text);
            if (i > 0)
            {
                if (Column + 3 + length <= Width)
                {
                    Write(new StyledText(" · ", Style.Faint));
                }
                else
                {
                    EndLine();
                    PadTo(indent);
                }
            }

            int left = Width - Column;
            Write(length <= left ? part : part with { Text = DisplayWidth.CutRight(part.Text, left) });
        }

        EndLine();
    }

    /// <summary>Writes a text word by word from the current column on, and goes on in a new line at <paramref name="indent"/>.</summary>
    public void WriteWords(int indent, string text, Style style)
    {
        bool isFirst = true;
        foreach (string word in text.Split(' '))
        {
            if (!isFirst && Column + 1 + DisplayWidth.Of(word) > Width)
            {
                EndLine();
                PadTo(indent);
            }
            else if (!isFirst)
            {
                Write(" ");
            }

            isFirst = false;
            Write(new StyledText(DisplayWidth.CutRight(word, Width - Column), style));
        }

        EndLine();
    }
}
