using System.Globalization;
using Blindspot.Analysis;
using Blindspot.Target;

namespace Blindspot.Cli.Terminal;

/// <summary>What a report is about and how that was looked at: the head of every command's text.</summary>
internal sealed class TargetText(TargetDescription target, StyledWriter writer)
{
    private const int LabelWidth = 12;

    /// <summary>One line: the program, its id, its runtime.</summary>
    public void WriteTitle()
    {
        var parts = new List<StyledText>
        {
            new(DisplayWidth.CutLeft(TerminalText.Safe(target.Executable ?? "unknown executable"), writer.Width), Style.Strong),
        };
        if (target.Pid is { } pid)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"pid {pid}"));
        }

        if (target.Core is { } core)
        {
            parts.Add("core " + TerminalText.Safe(core));
        }

        if (target.Origin is { } origin)
        {
            parts.Add("saved snapshot " + TerminalText.Safe(origin.Path));
        }

        parts.Add(TerminalText.Safe(target.RuntimeVersion ?? target.RuntimeKind ?? "no runtime that is known"));
        writer.WriteParts(2, parts);
    }

    /// <summary>When and where a saved snapshot was taken; nothing for any other target.</summary>
    public void WriteOrigin()
    {
        if (target.Origin is not { } origin)
        {
            return;
        }

        var parts = new List<StyledText>
        {
            origin.TakenAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC",
        };
        Add("on ", origin.Host);
        Add("Linux ", origin.Kernel);
        Add("of core ", origin.Core);
        Add("by blindspot ", origin.ToolVersion);
        parts.Add(origin.IsRedacted ? "without contents of memory" : origin.HasHeaps ? "with heaps" : "without heaps");
        WriteField("saved", parts);

        void Add(string before, string? what)
        {
            if (what is not null)
            {
                parts.Add(before + TerminalText.Safe(what));
            }
        }
    }

    /// <summary>How it was read, what that stopped, and how long it took.</summary>
    public List<StyledText> CaptureParts()
    {
        CaptureReport capture = target.Capture;
        string stopped = Quantity.Of(capture.ThreadsStopped, "thread") + " stopped";
        var parts = new List<StyledText>();
        if (capture.How == "core")
        {
            parts.Add("read from a core file");
        }
        else if (capture.ThreadsStopped == 0)
        {
            string how = capture.How switch
            {
                "watch" => "watched without stopping",
                "proc" => "read from /proc without stopping",
                _ => TerminalText.Safe(capture.How),
            };
            parts.Add($"{how} ({stopped})");
        }
        else
        {
            string how = capture.How switch
            {
                "watch" => "watched, ",
                "proc" => "read from /proc, ",
                _ => "",
            };
            parts.Add(new StyledText(
                $"{how}{stopped}, {Quantity.OfMilliseconds(capture.LongestStop.TotalMilliseconds)} at most",
                Style.Strong));
        }

        parts.Add(Quantity.OfMilliseconds(capture.Elapsed.TotalMilliseconds));
        return parts;
    }

    /// <summary>A text with a label, over as many lines as it takes.</summary>
    public void WriteWords(string label, string text, Style style)
    {
        writer.PadTo(2);
        writer.Write(new StyledText(label, Style.Faint));
        writer.PadTo(2 + LabelWidth);
        writer.WriteWords(2 + LabelWidth, text, style);
    }

    /// <summary>A line with a label.</summary>
    public void WriteField(string label, List<StyledText> parts)
    {
        writer.PadTo(2);
        writer.Write(new StyledText(label, Style.Faint));
        writer.PadTo(2 + LabelWidth);
        writer.WriteParts(2 + LabelWidth, parts);
    }
}
