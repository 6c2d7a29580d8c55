using System.Globalization;

namespace Blindspot.Target;

/// <summary>Names of signals as in signal(7) for x86: SIGHUP to SIGSYS, then real-time signals as glibc counts them.</summary>
public static class SignalNames
{
    /// <summary>Signals with a name of their own: 1 to this.</summary>
    public const int Standard = 31;

    private const int FirstRealTime = 34;

    private static readonly string[] Names =
    [
        "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM", "STKFLT",
        "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>"SIGPROF", "SIGRTMIN+2"; the two that the C library keeps for itself, "SIG32" and "SIG33".</summary>
    public static string Of(int signal) => signal switch
    {
        >= 1 and <= Standard => "SIG" + Names[signal - 1],
        FirstRealTime => "SIGRTMIN",
        > FirstRealTime and <= 64 => string.Create(CultureInfo.InvariantCulture, $"SIGRTMIN+{signal - FirstRealTime}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"SIG{signal}"),
    };

    /// <summary>The signals of a mask, bit n-1 for signal n.</summary>
    public static IEnumerable<int> In(ulong mask)
    {
        for (int signal = 1; signal <= 64; signal++)
        {
            if ((mask & Bit(signal)) != 0)
            {
                yield return signal;
            }
        }
    }

    public static ulong Bit(int signal) => 1UL << (signal - 1);
}
