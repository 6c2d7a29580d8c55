using Blindspot.Model;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Signals;

/// <summary>What to change, for each verdict.</summary>
internal static class SignalAdvice
{
    /// <summary>Where threads block a signal only while a handler of C's runs on them.</summary>
    public static string OfRunningHandler(string signal) =>
        $"A signal handler of C's is running there, and blocks {signal} by its sa_mask until it returns: let handlers return at once, and mask less ('blindspot stacks --thread' shows it).";

    public static string? Of(SignalVerdict verdict, string signal, RuntimeSignals runtime, SymbolFrame? culprit)
    {
        string where = culprit is null ? "the handler" : culprit.ShortFunction ?? "the handler in " + (culprit.Module ?? "unknown code");
        string name = runtime.Words.Name;
        return verdict switch
        {
            SignalVerdict.Replaced =>
                $"Let {where} keep the action that sigaction gives back and call it, installed with SA_ONSTACK; or read the action of {signal} before the library is initialised and put it back after it, from {name}'s side.",
            SignalVerdict.ChainedWithoutOnStack =>
                culprit is null
                    ? $"Find what calls sigaction for {signal} with {name}'s own handler and without SA_ONSTACK, and add the flag."
                    : $"Add SA_ONSTACK to sa_flags where {where} is installed.",
            SignalVerdict.Ignored or SignalVerdict.Default =>
                $"Find what calls signal or sigaction for {signal} with {(verdict == SignalVerdict.Ignored ? "SIG_IGN" : "SIG_DFL")} and remove that; or read the action before the library is initialised and put it back after it.",
            SignalVerdict.Blocked =>
                $"Let the C function that blocks {signal} (pthread_sigmask) put the old mask back before it returns to {name}; threads of C's own may keep it blocked.",
            SignalVerdict.AltStackDisabled or SignalVerdict.AltStackTooSmall =>
                $"Let C leave the alternate stack of {name}'s threads alone (sigaltstack), or put the old one back before it returns; where it needs its own, give it 64 KiB.",
            _ => null,
        };
    }
}
