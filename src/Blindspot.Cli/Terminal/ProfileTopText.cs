using System.Globalization;
using Blindspot.Analysis.Profiles;

namespace Blindspot.Cli.Terminal;

/// <summary>
/// What costs most, a line each: its own cost (flat), that of all it calls with it (cum), and where it is. Compared with
/// another profile, what changed.
/// </summary>
internal sealed class ProfileTopText
{
    public const int DefaultRows = 40;

    private const int Gap = 2;
    private const int MinNameWidth = 20;
    private const int MaxModuleWidth = 28;
    private const int MinPlaceWidth = 16;
    private const string Arrow = " → ";

    private readonly ProfileTop _top;
    private readonly StyledWriter _writer;
    private readonly ProfileTopRow[] _shown;
    private readonly List<Column> _columns = [];

    private ProfileTopText(ProfileTop top, int limit, StyledWriter writer)
    {
        _top = top;
        _writer = writer;
        _shown = limit > 0 ? [.. top.Rows.Take(limit)] : [.. top.Rows];
    }

    /// <param name="limit">Rows; 0 for all.</param>
    public static void Write(ProfileTop top, int limit, StyledWriter writer) => new ProfileTopText(top, limit, writer).Write();

    private void Write()
    {
        WriteTitle();
        if (_top.Rows.Count == 0)
        {
            _writer.Write(_top.By == ProfileTopBy.Boundary ? "No sample has Go call C." : "No samples are left.");
            _writer.EndLine();
            return;
        }

        _writer.EndLine();
        AddColumns();
        int numbers = _columns.Sum(static column => column.Width + Gap);
        (int name, int module) = Widths(_writer.Width - numbers);
        WriteTitles(numbers, name, module);
        foreach (ProfileTopRow row in _shown)
        {
            WriteRow(row, numbers, name, module);
        }

        int rest = _top.Rows.Count - _shown.Length;
        if (rest > 0)
        {
            _writer.Write(new StyledText($"… {Quantity.Of(rest, "more " + Noun())}: --limit 0 shows them", Style.Strong));
            _writer.EndLine();
        }
    }

    private void WriteTitle()
    {
        var parts = new List<StyledText>
        {
            new($"{TerminalText.Safe(_top.Value.Type)} {Amount(_top.Total)}", Style.Strong),
            Quantity.Of(_top.SampleCount, "stack"),
        };
        if (_top.Duration is { Ticks: > 0 } duration)
        {
            parts.Add($"over {Quantity.OfMilliseconds(duration.TotalMilliseconds)}");
        }

        if (_top.OldTotal is { } old)
        {
            parts.Add(new StyledText($"before {Amount(old)}, now {Difference(_top.Total - old)}{(old > 0 ? $" ({Percent(_top.Total - old, old, isSigned: true)})" : "")}", Style.Strong));
        }

        parts.Add($"by {Noun()}");
        _writer.WriteParts(0, parts);
    }

    private void AddColumns()
    {
        bool isCompared = _top.OldTotal is not null;
        if (isCompared)
        {
            Add("change", row => Difference(row.Flat - row.OldFlat));
        }

        Add("flat", row => Amount(row.Flat));
        Add("flat%", row => Percent(row.Flat, _top.Total));
        if (isCompared)
        {
            Add("cum change", row => Difference(row.Cum - row.OldCum));
        }

        Add("cum", row => Amount(row.Cum));
        Add("cum%", row => Percent(row.Cum, _top.Total));
        if (isCompared && _writer.Width < 100)
        {
            // The names need the room more than the shares do.
            _columns.RemoveAll(static column => column.Title.EndsWith('%'));
        }
    }

    private void Add(string title, Func<ProfileTopRow, string> text) =>
        _columns.Add(new Column(title, Math.Max(title.Length, _shown.Max(row => DisplayWidth.Of(text(row)))), text));

    /// <summary>Names get what they need, then modules; places take what is left.</summary>
    private (int Name, int Module) Widths(int room)
    {
        int name = _shown.Max(row => DisplayWidth.Of(NameOf(row)));
        int module = Math.Min(MaxModuleWidth, _shown.Max(static row => DisplayWidth.Of(TerminalText.Safe(row.Module))));
        if (_top.By == ProfileTopBy.Module || module == 0)
        {
            module = 0;
        }
        else if (room < 2 * MinNameWidth + module)
        {
            module = 0;
        }

        int left = room - (module > 0 ? module + Gap : 0);
        bool hasPlaces = _shown.Any(static row => row.File.Length > 0);
        int reserved = hasPlaces && left > 3 * MinNameWidth + MinPlaceWidth ? Math.Max(MinPlaceWidth, left / 3) + Gap
            : hasPlaces && _top.By == ProfileTopBy.Line ? MinPlaceWidth + Gap : 0;
        return (Math.Min(Math.Max(name, MinNameWidth), Math.Max(MinNameWidth, left - reserved)), module);
    }

    private void WriteTitles(int numbers, int name, int module)
    {
        int start = 0;
        foreach (Column column in _columns)
        {
            _writer.PadTo(start + column.Width - column.Title.Length);
            _writer.Write(new StyledText(column.Title, Style.Faint));
            start += column.Width + Gap;
        }

        _writer.PadTo(numbers);
        string title = _top.By switch
        {
            ProfileTopBy.Module => "module",
            ProfileTopBy.Boundary => "Go caller → C function",
            _ => "function",
        };
        _writer.Write(new StyledText(DisplayWidth.CutRight(title, name), Style.Faint));
        if (module > 0)
        {
            _writer.PadTo(numbers + name + Gap);
            _writer.Write(new StyledText(DisplayWidth.CutRight("module", module), Style.Faint));
        }

        _writer.EndLine();
    }

    private void WriteRow(ProfileTopRow row, int numbers, int name, int module)
    {
        int start = 0;
        foreach (Column column in _columns)
        {
            string text = column.Text(row);
            _writer.PadTo(start + column.Width - DisplayWidth.Of(text));
            _writer.Write(new StyledText(text, column.Title.EndsWith("change", StringComparison.Ordinal) && text.StartsWith('+') ? Style.Alarm : Style.Plain));
            start += column.Width + Gap;
        }

        _writer.PadTo(numbers);
        WriteName(row, name);
        int end = numbers + name + Gap;
        if (module > 0)
        {
            _writer.PadTo(end);
            _writer.Write(new StyledText(DisplayWidth.CutRight(TerminalText.Safe(row.Module), module), Style.Faint));
            end += module + Gap;
        }

        int room = _writer.Width - end;
        if (row.File.Length > 0 && room >= MinPlaceWidth)
        {
            _writer.PadTo(end);
            _writer.Write(new StyledText(SourcePlace.Fit(SourcePlace.Of(row.File, (int)Math.Clamp(row.Line, 0, int.MaxValue)), room), Style.Faint));
        }

        _writer.EndLine();
    }

    private void WriteName(ProfileTopRow row, int width)
    {
        Style style = row.Language switch
        {
            FrameLanguage.Go => Style.Managed,
            FrameLanguage.C or FrameLanguage.Cpp => Style.Native,
            "" => Style.Plain,
            _ => Style.OtherNative,
        };
        string name = TerminalText.Safe(row.Name);
        if (row.Entry is not { } entry)
        {
            _writer.Write(new StyledText(FunctionName.Fit(name, width), style));
            return;
        }

        // Each may take what the other does not need.
        string callee = TerminalText.Safe(entry);
        int both = width - Arrow.Length;
        int calleeWidth = Math.Min(DisplayWidth.Of(callee), Math.Max(both / 2, both - DisplayWidth.Of(name)));
        _writer.Write(new StyledText(FunctionName.Fit(name, Math.Max(1, both - calleeWidth)), style));
        _writer.Write(new StyledText(Arrow, Style.Faint));
        _writer.Write(new StyledText(FunctionName.Fit(callee, calleeWidth), Style.Native));
    }

    private static string NameOf(ProfileTopRow row) =>
        TerminalText.Safe(row.Entry is { } entry ? row.Name + Arrow + entry : row.Name);

    private string Noun() => _top.By switch
    {
        ProfileTopBy.Module => "module",
        ProfileTopBy.Boundary => "crossing",
        ProfileTopBy.Line => "line",
        _ => "function",
    };

    private string Amount(double value) => value == 0 ? "0" : ProfileUnit.Text(value, _top.Value.Unit);

    private string Difference(double value) => value == 0 ? "0" : (value > 0 ? "+" : "") + ProfileUnit.Text(value, _top.Value.Unit);

    private static string Percent(double value, double total, bool isSigned = false)
    {
        if (total == 0)
        {
            return "-";
        }

        double share = 100 * value / total;
        return (isSigned && share > 0 ? "+" : "") + share.ToString("0.0", CultureInfo.InvariantCulture) + "%";
    }

    private sealed record Column(string Title, int Width, Func<ProfileTopRow, string> Text);
}
