using Blindspot.Primitives;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Stacks;

/// <summary>
/// Which frames and stacks of a report are the same to a reader. Two addresses in one line of one function are; so are
/// two stacks of such frames that ended for the same reason.
/// </summary>
public sealed class StackIdentities
{
    private readonly StacksReport _report;
    private readonly int[] _lines;
    private readonly int[] _functions;
    private readonly int[] _stacks;

    public StackIdentities(StacksReport report)
    {
        _report = report;
        _lines = new int[report.Frames.Count];
        _functions = new int[report.Frames.Count];
        NumberFrames();
        _stacks = new int[report.Stacks.Count];
        NumberStacks();
    }

    /// <summary>The first stack of the report that reads the same.</summary>
    public int OfStack(int stack) => _stacks[stack];

    /// <summary>A number that frames of one function share, whatever their lines.</summary>
    public int OfFunction(int frame) => _functions[frame];

    private void NumberFrames()
    {
        var functions = new Dictionary<FunctionKey, int>();
        var lines = new Dictionary<LineKey, int>();
        for (int i = 0; i < _lines.Length; i++)
        {
            ReportFrame frame = _report.Frames[i];
            SymbolFrame symbol = frame.Symbol;
            TargetAddress address = symbol.Function is null ? frame.Address : TargetAddress.Zero;
            var functionKey = new FunctionKey(symbol.Function, symbol.Module, symbol.Language, address);
            if (!functions.TryGetValue(functionKey, out int function))
            {
                function = functions.Count;
                functions.Add(functionKey, function);
            }

            var lineKey = new LineKey(function, symbol.File, symbol.Line, symbol.IsInlined);
            if (!lines.TryGetValue(lineKey, out int line))
            {
                line = lines.Count;
                lines.Add(lineKey, line);
            }

            _functions[i] = function;
            _lines[i] = line;
        }
    }

    private void NumberStacks()
    {
        var seen = new Dictionary<int, int>(new SameStack(_report, _lines));
        for (int i = 0; i < _stacks.Length; i++)
        {
            if (!seen.TryGetValue(i, out int first))
            {
                first = i;
                seen.Add(i, i);
            }

            _stacks[i] = first;
        }
    }

    private readonly record struct FunctionKey(string? Function, string? Module, string Language, TargetAddress Address);

    private readonly record struct LineKey(int Function, string? File, int Line, bool IsInlined);

    private sealed class SameStack(StacksReport report, int[] lines) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y)
        {
            ReportStack left = report.Stacks[x];
            ReportStack right = report.Stacks[y];
            if (left.End != right.End || left.Frames.Count != right.Frames.Count)
            {
                return false;
            }

            for (int i = 0; i < left.Frames.Count; i++)
            {
                if (lines[left.Frames[i]] != lines[right.Frames[i]])
                {
                    return false;
                }
            }

            return true;
        }

        public int GetHashCode(int stack)
        {
            var hash = default(HashCode);
            IReadOnlyList<int> frames = report.Stacks[stack].Frames;
            hash.Add(frames.Count);
            for (int i = 0; i < frames.Count; i++)
            {
                hash.Add(lines[frames[i]]);
            }

            return hash.ToHashCode();
        }
    }
}
