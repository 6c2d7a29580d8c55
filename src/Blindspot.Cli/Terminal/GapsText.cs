using Blindspot.Primitives;

namespace Blindspot.Cli.Terminal;

/// <summary>What could not be seen: the end of every command's text.</summary>
internal static class GapsText
{
    private const int MaxGaps = 8;

    public static void Write(IReadOnlyList<Gap> gaps, StyledWriter writer)
    {
        if (gaps.Count == 0)
        {
            return;
        }

        writer.EndLine();
        writer.Write(new StyledText($"What could not be seen ({Quantity.Of(gaps.Count)}):", Style.Strong));
        writer.EndLine();
        for (int i = 0; i < Math.Min(MaxGaps, gaps.Count); i++)
        {
            Gap gap = gaps[i];
            string where = gap.Address is { } address ? $" (at {address})" : "";
            writer.PadTo(2);
            writer.Write(new StyledText("! ", Style.Faint));
            writer.WriteWords(4, $"{TerminalText.Safe(gap.Stage)}: {TerminalText.Safe(gap.Message)}{where}", Style.Plain);
        }

        if (gaps.Count > MaxGaps)
        {
            writer.Write(new StyledText($"  … {Quantity.Of(gaps.Count - MaxGaps)} more: --json has them", Style.Faint));
            writer.EndLine();
        }
    }
}
