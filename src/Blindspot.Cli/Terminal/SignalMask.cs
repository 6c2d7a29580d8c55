using System.Globalization;
using System.Numerics;
using System.Text;

namespace Blindspot.Cli.Terminal;

/// <summary>A signal mask in words: bit n-1 for signal n, names as in signal(7) for x86.</summary>
internal static class SignalMask
{
    private const int MaxNamed = 6;

    private static readonly string[] Names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

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
            ulong open = ~mask & ((1UL << Names.Length) - 1) & ~(Bit(9) | Bit(19));
            return BitOperations.PopCount(open) is > 0 and <= MaxNamed
                ? "blocks all signals but " + List(open)
                : string.Create(CultureInfo.InvariantCulture, $"blocks {count} signals (0x{mask:x})");
        }

        return "blocks " + List(mask);
    }

    private static ulong Bit(int signal) => 1UL << (signal - 1);

    private static string List(ulong mask)
    {
        var text = new StringBuilder();
        for (int signal = 1; signal <= 64; signal++)
        {
            if ((mask & Bit(signal)) != 0)
            {
                text.Append(text.Length == 0 ? "" : " ");
                text.Append(signal <= Names.Length ? "SIG" + Names[signal - 1] : "signal " + signal.ToString(CultureInfo.InvariantCulture));
            }
        }

        return text.ToString();
    }
}
