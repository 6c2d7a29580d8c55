using Blindspot.Symbols;

namespace Blindspot.Analysis.Stacks;

/// <summary>
/// A stack as people read it, leaf first: the runtime's plumbing folded to a line, recursion to one round and a count,
/// the middle of a very long stack left out.
/// </summary>
public static class StackOutline
{
    /// <summary>The longest cycle of lines that is looked for.</summary>
    private const int MaxPeriod = 24;

    private const int MaxLines = 96;
    private const int LinesKeptAtRoot = 32;

    /// <summary>Folding less than this many lines would tell less and save nothing.</summary>
    private const int MinRepeatedLines = 3;

    public static List<OutlineLine> Of(StacksReport report, int stack, StackIdentities identities, bool allFrames)
    {
        IReadOnlyList<int> frames = report.Stacks[stack].Frames;
        if (!allFrames)
        {
            return Shorten(FoldRecursion(FoldPlumbing(report, frames), identities));
        }

        var lines = new List<OutlineLine>(frames.Count);
        for (int i = 0; i < frames.Count; i++)
        {
            lines.Add(new OutlineLine(OutlineKind.Frame, frames[i], 1));
        }

        return lines;
    }

    private static List<OutlineLine> FoldPlumbing(StacksReport report, IReadOnlyList<int> frames)
    {
        var lines = new List<OutlineLine>(frames.Count);
        for (int i = 0; i < frames.Count;)
        {
            int end = i;
            while (end < frames.Count && report.Frames[frames[end]].Symbol.IsPlumbing)
            {
                end++;
            }

            if (end == i)
            {
                lines.Add(new OutlineLine(OutlineKind.Frame, frames[i++], 1));
                continue;
            }

            string? callee = i > 0 ? SymbolAt(i - 1).Language : null;
            string? caller = end < frames.Count ? SymbolAt(end).Language : null;
            lines.Add(new OutlineLine(OutlineKind.Plumbing, frames[i], end - i, Callee: callee, Caller: caller));
            i = end;
        }

        return lines;

        SymbolFrame SymbolAt(int index) => report.Frames[frames[index]].Symbol;
    }

    private static List<OutlineLine> FoldRecursion(List<OutlineLine> lines, StackIdentities identities)
    {
        var folded = new List<OutlineLine>(lines.Count);
        for (int i = 0; i < lines.Count;)
        {
            (int period, int rounds) = FindCycle(lines, i, identities);
            if (rounds == 0)
            {
                folded.Add(lines[i++]);
                continue;
            }

            folded.AddRange(lines.GetRange(i, period));
            int hidden = 0;
            for (int k = i + period; k < i + (period * rounds); k++)
            {
                hidden += lines[k].Count;
            }

            folded.Add(new OutlineLine(OutlineKind.Repetition, lines[i + period].Frame, hidden, period, rounds - 1));
            i += period * rounds;
        }

        return folded;
    }

    /// <summary>The cycle at a line that covers most lines, the shorter one of equals; no rounds if there is none.</summary>
    private static (int Period, int Rounds) FindCycle(List<OutlineLine> lines, int start, StackIdentities identities)
    {
        (int Period, int Rounds) best = (0, 0);
        int left = lines.Count - start;
        for (int period = 1; period <= MaxPeriod && period * 2 <= left; period++)
        {
            int same = 0;
            while (start + period + same < lines.Count && IsSame(lines[start + same], lines[start + period + same], identities))
            {
                same++;
            }

            int rounds = 1 + (same / period);
            bool isWorthIt = rounds > 2 && (rounds - 1) * period >= MinRepeatedLines;
            if (isWorthIt && rounds * period > best.Period * best.Rounds)
            {
                best = (period, rounds);
            }
        }

        return best;
    }

    private static bool IsSame(OutlineLine left, OutlineLine right, StackIdentities identities) =>
        left.Kind == right.Kind
        && left.Count == right.Count
        && identities.OfFunction(left.Frame) == identities.OfFunction(right.Frame);

    private static List<OutlineLine> Shorten(List<OutlineLine> lines)
    {
        if (lines.Count <= MaxLines)
        {
            return lines;
        }

        int from = MaxLines - LinesKeptAtRoot;
        int to = lines.Count - LinesKeptAtRoot;
        int hidden = 0;
        for (int i = from; i < to; i++)
        {
            hidden += lines[i].Count;
        }

        var shortened = lines.GetRange(0, from);
        shortened.Add(new OutlineLine(OutlineKind.Omission, lines[from].Frame, hidden));
        shortened.AddRange(lines.GetRange(to, LinesKeptAtRoot));
        return shortened;
    }
}
