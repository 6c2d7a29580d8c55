using System.Globalization;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Stacks;

/// <summary>What a frame is called where people read it: its function, else its place in the module, else its address.</summary>
public static class FrameLabel
{
    public static string Of(ReportFrame frame)
    {
        SymbolFrame symbol = frame.Symbol;
        if (symbol.ShortFunction is { Length: > 0 } function)
        {
            return function;
        }

        return symbol.Module is { Length: > 0 } module
            ? module + "+0x" + symbol.ModuleOffset.ToString("x", CultureInfo.InvariantCulture)
            : frame.Address.ToString();
    }
}
