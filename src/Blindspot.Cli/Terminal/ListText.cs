using Blindspot.Analysis.Stacks;

namespace Blindspot.Cli.Terminal;

/// <summary>A table with one line for each entry, its last column as wide as there is room.</summary>
internal sealed class ListText(StyledWriter writer)
{
    private const int MinLastWidth = 20;
    private const int ColumnGap = 2;

    private readonly List<Column> _columns = [];

    /// <param name="title">Heads the column.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="isNumber">Set at the right.</param>
    public void AddColumn(string title, int width, bool isNumber = false) =>
        _columns.Add(new Column(title, Math.Max(width, title.Length), isNumber));

    /// <summary>The width that is left for the last column.</summary>
    public int LastWidth
    {
        get
        {
            int used = 0;
            foreach (Column column in _columns)
            {
                used += column.Width + ColumnGap;
            }

            return Math.Max(MinLastWidth, writer.Width - used);
        }
    }

    public void WriteTitles(string last)
    {
        var titles = new StyledText[_columns.Count + 1];
        for (int i = 0; i < _columns.Count; i++)
        {
            titles[i] = new StyledText(_columns[i].Title, Style.Faint);
        }

        titles[^1] = new StyledText(last, Style.Faint);
        WriteRow(titles);
    }

    public void WriteRow(params ReadOnlySpan<StyledText> cells)
    {
        int start = 0;
        for (int i = 0; i < _columns.Count; i++)
        {
            Column column = _columns[i];
            StyledText cell = cells[i] with { Text = DisplayWidth.CutRight(cells[i].Text, column.Width) };
            if (cell.Text.Length > 0)
            {
                writer.PadTo(column.IsNumber ? start + column.Width - DisplayWidth.Of(cell.Text) : start);
                writer.Write(cell);
            }

            start += column.Width + ColumnGap;
        }

        writer.PadTo(start);
        writer.Write(cells[_columns.Count]);
        writer.EndLine();
    }

    public void WriteRest(int rest, string noun)
    {
        if (rest > 0)
        {
            writer.Write(new StyledText($"… {Quantity.Of(rest, "more " + noun)}: --limit 0 shows them, --json has everything", Style.Strong));
            writer.EndLine();
        }
    }

    /// <summary>The width of the longest number.</summary>
    public static int WidthOf(long largest) => largest.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;

    public static Style StyleOf(StackGroupKind kind) => kind switch
    {
        StackGroupKind.InC or StackGroupKind.Foreign or StackGroupKind.Native => Style.Native,
        StackGroupKind.Running => Style.Managed,
        StackGroupKind.IdleThread or StackGroupKind.SystemTask => Style.Faint,
        _ => Style.Plain,
    };

    private readonly record struct Column(string Title, int Width, bool IsNumber);
}
