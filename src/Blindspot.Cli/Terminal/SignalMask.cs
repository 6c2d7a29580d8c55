using System.Globalization;
using System.Numerics;
using Blindspot.Target;

namespace Blindspot.Cli.Terminal;

/// <summary>A signal mask in words: bit n-1 for signal n, names as in signal(7) for x86.</summary>
internal static class SignalMask
{
    private const int MaxNamed = 6;

    public static string Describe(ulong mask)
    {
        int count = BitOperations.PopCount(mask);
        if (count == 0)
        {
            return "blocks no signal";
        }

        if (count > MaxNamed)
        {
            // A mask of nearly everything says most by what it lets through.
            ulong open = ~mask & ((1UL << SignalNames.Standard) - 1) & ~(SignalNames.Bit(9) | SignalNames.Bit(19));
            return BitOperations.PopCount(open) is > 0 and <= MaxNamed
                ? "blocks all signals but " + List(open)
                : string.Create(CultureInfo.InvariantCulture, $"blocks {count} signals (0x{mask:x})");
        }

        return "blocks " + List(mask);
    }

    private static string List(ulong mask) => string.Join(' ', SignalNames.In(mask).Select(SignalNames.Of));
}
