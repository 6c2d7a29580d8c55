using Blindspot.Analysis;
using Blindspot.Analysis.Signals;
using Blindspot.Target;

namespace Blindspot.Export.Json;

/// <summary>The words of schema <c>blindspot.signals/1</c>. They are part of it: a name in the code may change, they may not.</summary>
public static class SignalsWords
{
    public static string Of(SignalVerdict verdict) => verdict switch
    {
        SignalVerdict.Intact => "intact",
        SignalVerdict.Chained => "chained",
        SignalVerdict.ChainedWithoutOnStack => "chained-without-onstack",
        SignalVerdict.Replaced => "replaced",
        SignalVerdict.Ignored => "ignored",
        SignalVerdict.Default => "default",
        SignalVerdict.Blocked => "blocked",
        SignalVerdict.AltStackTooSmall => "altstack-too-small",
        SignalVerdict.AltStackDisabled => "altstack-disabled",
        _ => "unknown",
    };

    public static string? Of(DispositionKind kind) => kind switch
    {
        DispositionKind.Default => "default",
        DispositionKind.Ignore => "ignore",
        DispositionKind.Handler => "handler",
        _ => null,
    };

    public static string Of(SignalThreadKind kind) => kind switch
    {
        SignalThreadKind.Runtime => "runtime",
        SignalThreadKind.ForeignInRuntime => "foreign-in-runtime",
        SignalThreadKind.Foreign => "foreign",
        _ => "native",
    };

    public static string Of(Severity severity) => severity switch
    {
        Severity.Critical => "critical",
        Severity.Error => "error",
        Severity.Warning => "warning",
        _ => "info",
    };

    public static string Of(Certainty certainty) => certainty switch
    {
        Certainty.Proved => "proved",
        Certainty.Likely => "likely",
        _ => "possible",
    };

    public static string Of(TimerNotification notification) => notification switch
    {
        TimerNotification.None => "none",
        TimerNotification.Thread => "thread",
        _ => "signal",
    };

    public static string Of(IntervalTimerKind kind) => kind switch
    {
        IntervalTimerKind.Real => "real",
        IntervalTimerKind.Virtual => "virtual",
        _ => "prof",
    };
}
