using Blindspot.Analysis.Stacks;

namespace Blindspot.Cli.Terminal;

/// <summary>Where a stack is, in one line: <c>main.Flush → lib_flush → futex_wait</c>. What is nearest to the leaf stays longest.</summary>
internal static class StackPathText
{
    private const string Arrow = " → ";

    public static string Fit(StacksReport report, StackPath path, int width)
    {
        if (path.Leaf is not { } leaf)
        {
            return "no frames";
        }

        string text = Name(report, leaf);
        if (DisplayWidth.Of(text) > width)
        {
            return FunctionName.Fit(text, width);
        }

        text = Prepend(report, path.Entry, text, width);
        return Prepend(report, path.Caller, text, width);
    }

    private static string Prepend(StacksReport report, int? frame, string text, int width)
    {
        if (frame is not { } index)
        {
            return text;
        }

        int left = width - DisplayWidth.Of(text) - Arrow.Length;
        string name = FunctionName.Fit(Name(report, index), Math.Max(left, 1));
        // A stump of a name says nothing.
        return left >= 8 || name == Name(report, index) ? name + Arrow + text : text;
    }

    private static string Name(StacksReport report, int frame) => TerminalText.Safe(FrameLabel.Of(report.Frames[frame]));
}
