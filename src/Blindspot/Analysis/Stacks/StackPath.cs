using Blindspot.Symbols;

namespace Blindspot.Analysis.Stacks;

/// <summary>
/// Where a stack is, in up to three frames and in order of calls: who called into the leaf's language, where it was
/// entered, and the leaf (<c>main.Flush → lib_flush → futex_wait</c>). Plumbing is passed over.
/// </summary>
/// <param name="Caller">The last frame of another language before the leaf's; null if there is none.</param>
/// <param name="Entry">The outermost frame of the leaf's language; null if that is the leaf.</param>
/// <param name="Leaf">The innermost frame; null for a stack without frames.</param>
public readonly record struct StackPath(int? Caller, int? Entry, int? Leaf)
{
    public static StackPath Of(StacksReport report, int stack)
    {
        int? leaf = null;
        int? entry = null;
        IReadOnlyList<int> frames = report.Stacks[stack].Frames;
        foreach (int frame in frames)
        {
            SymbolFrame symbol = report.Frames[frame].Symbol;
            if (symbol.IsPlumbing)
            {
                continue;
            }

            if (leaf is not { } innermost)
            {
                leaf = frame;
                continue;
            }

            if (symbol.Language != report.Frames[innermost].Symbol.Language)
            {
                return new StackPath(frame, entry, leaf);
            }

            entry = frame;
        }

        // A stack of one language: its root says less than the word for what it is.
        return leaf is null && frames.Count > 0 ? new StackPath(null, null, frames[0]) : new StackPath(null, null, leaf);
    }
}
