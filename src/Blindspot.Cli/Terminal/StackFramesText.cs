using Blindspot.Analysis.Stacks;
using Blindspot.Model;
using Blindspot.Symbols;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// The frames of a stack in columns, leaf first: language, function, module (of all but the executable), file and line.
/// The function has the first claim on the width.
/// </summary>
internal sealed class StackFramesText(StacksReport report, StackIdentities identities, bool allFrames, StyledWriter writer)
{
    private const int Indent = 2;
    private const int ColumnGap = 2;
    private const int MaxModuleWidth = 24;
    private const int MaxFunctionWidth = 100;

    /// <summary>A file name and line as they mostly are.</summary>
    private const int UsualPlaceWidth = 18;
    private const int MinPlaceWidth = 6;
    private const int MinFunctionWidth = 20;
    private const string InlinedMark = " inlined";

    private readonly string? _executable = report.Target.Executable is { } path ? path[(path.LastIndexOf('/') + 1)..] : null;

    public void Write(int stack, CreatorText? creator)
    {
        List<OutlineLine> outline = StackOutline.Of(report, stack, identities, allFrames);
        ReportStack original = report.Stacks[stack];
        List<Row> rows = MakeRows(outline, creator, original.End == StackEnd.Complete);
        (int tag, int function, int module) = Measure(rows);
        foreach (Row row in rows)
        {
            Write(row, tag, function, module);
        }

        if (original.End != StackEnd.Complete)
        {
            WriteEnd(original, tag);
        }
    }

    private List<Row> MakeRows(List<OutlineLine> outline, CreatorText? creator, bool isComplete)
    {
        var rows = new List<Row>(outline.Count + 1);
        foreach (OutlineLine line in outline)
        {
            switch (line.Kind)
            {
                case OutlineKind.Frame:
                    rows.Add(FrameRow(report.Frames[line.Frame]));
                    break;
                case OutlineKind.Plumbing when line.Caller is null && line.Callee is not null && isComplete:
                    // Where every stack of the runtime begins: nothing that the creator below does not say better.
                    break;
                case OutlineKind.Plumbing:
                    rows.Add(Row.Remark($"↕ {Switch(line)} ({Quantity.Of(line.Count, "frame")})"));
                    break;
                case OutlineKind.Repetition when line.Period == 1:
                    rows.Add(Row.Remark($"… {Quantity.Of(line.Count)} more of the same"));
                    break;
                case OutlineKind.Repetition:
                    rows.Add(Row.Remark($"… the same {line.Period} lines {Quantity.Of(line.Rounds, "more time")} ({Quantity.Of(line.Count)} frames)"));
                    break;
                default:
                    rows.Add(Row.Remark($"… {Quantity.Of(line.Count)} frames not shown (--all-frames shows them)"));
                    break;
            }
        }

        if (creator is not null)
        {
            rows.Add(new Row("·", Style.Faint, "created by " + creator.Function, Style.Faint, "", creator.Place ?? "", creator.Remark, false));
        }

        return rows;
    }

    private Row FrameRow(ReportFrame frame)
    {
        SymbolFrame symbol = frame.Symbol;
        Style style = symbol.IsPlumbing ? Style.Faint : ReportWords.StyleOf(symbol.Language);
        bool tellsModule = symbol.Module is { Length: > 0 } && symbol.Function is { Length: > 0 } && symbol.Module != _executable;
        return new Row(
            ReportWords.Tag(symbol.Language),
            style,
            TerminalText.Safe(FrameLabel.Of(frame)),
            style,
            tellsModule ? TerminalText.Safe(symbol.Module ?? "") : "",
            symbol.File is { Length: > 0 } file ? SourcePlace.Of(file, symbol.Line) : "",
            null,
            symbol.IsInlined);
    }

    private static string Switch(OutlineLine line) => (line.Caller, line.Callee) switch
    {
        ({ } caller, { } callee) when caller != callee => $"{ReportWords.Tag(caller)} calls {ReportWords.Tag(callee)}",
        ({ }, null) => "parked by the runtime",
        _ => "runtime",
    };

    /// <summary>Widths of the columns: a function's name is cut only if even the shortest form of the places leaves it no room.</summary>
    private (int Tag, int Function, int Module) Measure(List<Row> rows)
    {
        int tag = 3;
        int function = 0;
        int module = 0;
        int place = 0;
        foreach (Row row in rows)
        {
            tag = Math.Max(tag, DisplayWidth.Of(row.Tag));
            if (row.Place.Length == 0 && row.Module.Length == 0)
            {
                continue;
            }

            function = Math.Max(function, DisplayWidth.Of(row.Function));
            module = Math.Max(module, Math.Min(DisplayWidth.Of(row.Module), MaxModuleWidth));
            int needed = DisplayWidth.Of(SourcePlace.Short(row.Place)) + (row.IsInlined ? InlinedMark.Length : 0);
            place = Math.Max(place, needed);
        }

        int available = writer.Width - Indent - tag - 1;
        int others = ColumnGap + Math.Min(place, UsualPlaceWidth + InlinedMark.Length);
        if (available - others - module - ColumnGap < MinFunctionWidth)
        {
            // So narrow a terminal has room for two columns.
            module = 0;
        }

        others += module > 0 ? module + ColumnGap : 0;
        int limit = Math.Min(Math.Max(MinFunctionWidth, available - others), MaxFunctionWidth);
        return (tag, function <= limit ? function : WidestFitted(rows, limit), module);
    }

    /// <summary>Names that were shortened may leave more room than their limit.</summary>
    private static int WidestFitted(List<Row> rows, int limit)
    {
        int widest = 0;
        foreach (Row row in rows)
        {
            if (row.Place.Length > 0 || row.Module.Length > 0)
            {
                widest = Math.Max(widest, DisplayWidth.Of(FunctionName.Fit(row.Function, limit)));
            }
        }

        return widest;
    }

    private void Write(Row row, int tag, int function, int module)
    {
        writer.PadTo(Indent);
        writer.Write(new StyledText(row.Tag, row.TagStyle));
        writer.PadTo(Indent + tag + 1);
        if (row.Place.Length == 0 && row.Module.Length == 0)
        {
            int left = writer.Width - writer.Column - (row.IsInlined ? InlinedMark.Length : 0);
            writer.Write(new StyledText(FunctionName.Fit(row.Function, left), row.FunctionStyle));
            WriteInlined(row);
            writer.EndLine();
            return;
        }

        int place = Indent + tag + 1 + function + ColumnGap;
        writer.Write(new StyledText(FunctionName.Fit(row.Function, function), row.FunctionStyle));
        if (module > 0)
        {
            if (row.Module.Length > 0)
            {
                writer.PadTo(place);
                writer.Write(new StyledText(DisplayWidth.CutRight(row.Module, module), Style.Faint));
            }

            place += module + ColumnGap;
        }

        int room = writer.Width - place - (row.IsInlined ? InlinedMark.Length : 0);
        if (row.Place.Length > 0 && room >= MinPlaceWidth)
        {
            writer.PadTo(place);
            int remark = row.Remarks is { } text ? DisplayWidth.Of(text) + 1 : 0;
            bool hasRemark = remark > 0 && room - remark >= DisplayWidth.Of(SourcePlace.Short(row.Place));
            writer.Write(new StyledText(SourcePlace.Fit(row.Place, hasRemark ? room - remark : room), Style.Faint));
            if (hasRemark)
            {
                writer.Write(new StyledText(" " + row.Remarks, Style.Faint));
            }
        }

        WriteInlined(row);
        writer.EndLine();
    }

    private void WriteInlined(Row row)
    {
        if (row.IsInlined)
        {
            writer.Write(new StyledText(InlinedMark, Style.Faint));
        }
    }

    private void WriteEnd(ReportStack stack, int tag)
    {
        writer.PadTo(Indent);
        writer.Write(new StyledText("!", Style.Alarm));
        writer.PadTo(Indent + tag + 1);
        string reason = stack.EndDetail is { Length: > 0 } detail ? TerminalText.Safe(detail) : ReportWords.Of(stack.End);
        writer.Write(new StyledText(
            DisplayWidth.CutRight("stack ends here: " + reason, writer.Width - writer.Column),
            Style.Alarm));
        writer.EndLine();
    }

    /// <param name="Tag">Language, or a dot for a line that is no frame.</param>
    /// <param name="Place">File and line, or "".</param>
    /// <param name="Remarks">What is said behind the place if there is room.</param>
    private sealed record Row(
        string Tag,
        Style TagStyle,
        string Function,
        Style FunctionStyle,
        string Module,
        string Place,
        string? Remarks,
        bool IsInlined)
    {
        public static Row Remark(string text) => new("·", Style.Faint, text, Style.Faint, "", "", null, false);
    }
}
