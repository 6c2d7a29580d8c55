using Blindspot.Model;
using Blindspot.Target;

namespace Blindspot.Analysis.Signals;

/// <summary>
/// What breaks when a runtime does not get a signal as it needs it, by what it needs the signal for. Each was seen happen
/// (docs/findings.md); live tests let the runtime itself confirm them.
/// </summary>
internal static class SignalConsequences
{
    /// <param name="signal">Its name.</param>
    /// <param name="need">What the runtime needs it for.</param>
    /// <param name="threads">"2 threads", for verdicts about threads.</param>
    public static SignalHarm Of(SignalVerdict verdict, string signal, in RuntimeSignal need, RuntimeSignals runtime, string threads) => verdict switch
    {
        SignalVerdict.Intact or SignalVerdict.Chained or SignalVerdict.Unknown => SignalHarm.None,
        SignalVerdict.ChainedWithoutOnStack => WithoutSignalStack(signal, need.Use, runtime, "when it comes while " + runtime.Words.Name + " code runs"),
        SignalVerdict.AltStackDisabled => WithoutSignalStack(signal, need.Use, runtime, "when it comes to one of " + threads),
        SignalVerdict.AltStackTooSmall => new SignalHarm(
            Severity.Critical,
            $"The alternate stack of {threads} is too small for {runtime.Words.Name}'s handler: when {signal} comes there, it overwrites what lies below, or the process dies."),
        _ => need.Use switch
        {
            SignalUse.Profiling => Profiling(verdict, signal, runtime, threads),
            SignalUse.Preemption => Preemption(verdict, runtime, threads),
            SignalUse.Fault => Fault(verdict, runtime, threads),
            SignalUse.Fatal => new SignalHarm(Severity.Info, $"{signal} no longer makes {runtime.Words.Name} print its {runtime.Words.Task}s before it ends."),
            SignalUse.BrokenPipe => BrokenPipe(verdict, runtime, threads),
            SignalUse.Internal => new SignalHarm(Severity.Error, $"{runtime.Words.Name} can't make all its threads do something (change their user or group): such a call hangs."),
            SignalUse.Notification => Notification(signal, need, runtime),
            _ => SignalHarm.None,
        },
    };

    /// <summary>A handler that is not the runtime's and does not ask for the alternate stack, in a process whose tasks have small stacks.</summary>
    public static string Overwrites(RuntimeSignals runtime, ulong? frameBytes)
    {
        string much = frameBytes is { } frame && frame > (ulong)runtime.SmallestStack
            ? $"{(frame - (ulong)runtime.SmallestStack) / 1024.0:0.0} KiB"
            : "what lies";
        return $"It has no SA_ONSTACK, so it runs on the stack of whatever it interrupts: each delivery can overwrite {much} below a {runtime.Words.Task}'s stack, and memory is corrupted at random.";
    }

    private static SignalHarm WithoutSignalStack(string signal, SignalUse use, RuntimeSignals runtime, string when)
    {
        string occasion = use switch
        {
            SignalUse.Profiling => "Whoever starts a CPU profile ends the process",
            SignalUse.Preemption => $"The next garbage collection, or any {runtime.Words.Task} that runs for long, ends the process",
            SignalUse.Fault => $"A bad memory access in {runtime.Words.Name} ends the process instead of becoming a {runtime.Words.FaultError}",
            _ => $"{signal} ends the process",
        };
        return new SignalHarm(
            use is SignalUse.Profiling or SignalUse.Preemption or SignalUse.Fault ? Severity.Critical : Severity.Error,
            $"{occasion} ({runtime.Words.NoSignalStack}) {when}.");
    }

    private static SignalHarm Profiling(SignalVerdict verdict, string signal, RuntimeSignals runtime, string threads) => verdict switch
    {
        SignalVerdict.Default => new SignalHarm(Severity.Critical, $"A CPU profile will kill the process: the first {signal} that it sends itself ends it."),
        SignalVerdict.Blocked => new SignalHarm(Severity.Warning, $"CPU profiles show nothing of {threads}, nor of threads of C that they start."),
        _ => new SignalHarm(Severity.Error, $"CPU profiles will be empty and say nothing: no {signal} reaches {runtime.Words.Name}, so no sample is taken, and nothing tells of an error."),
    };

    private static SignalHarm Preemption(SignalVerdict verdict, RuntimeSignals runtime, string threads)
    {
        if (runtime.PreemptionIsOff == true)
        {
            return new SignalHarm(Severity.Info, $"{runtime.Words.Name} was told not to interrupt its {runtime.Words.Task}s by signals, so nothing depends on it.");
        }

        string whom = verdict == SignalVerdict.Blocked ? $"a {runtime.Words.Task} that is in a loop without calls on one of {threads}" : $"a {runtime.Words.Task} in a loop without calls";
        return new SignalHarm(
            verdict == SignalVerdict.Blocked ? Severity.Error : Severity.Critical,
            $"The garbage collector may hang, and with it the whole process: {whom} can't be interrupted. Profiles and traces that stop the world hang with it; don't ask for them.");
    }

    private static SignalHarm Fault(SignalVerdict verdict, RuntimeSignals runtime, string threads) => verdict switch
    {
        SignalVerdict.Replaced => new SignalHarm(
            Severity.Error,
            $"A bad memory access in {runtime.Words.Name} no longer becomes a {runtime.Words.FaultError}: this handler gets it, and if it returns, the same instruction faults again for ever."),
        SignalVerdict.Blocked => new SignalHarm(Severity.Warning, $"A bad memory access on one of {threads} ends the process at once, with no {runtime.Words.FaultError} and no stack."),
        _ => new SignalHarm(Severity.Error, $"A bad memory access in {runtime.Words.Name} ends the process at once, with no {runtime.Words.FaultError} and no stack."),
    };

    private static SignalHarm BrokenPipe(SignalVerdict verdict, RuntimeSignals runtime, string threads) => verdict switch
    {
        SignalVerdict.Default => new SignalHarm(Severity.Error, "A write to a closed pipe or connection kills the process, where it should only fail."),
        SignalVerdict.Blocked => SignalHarm.None,
        _ => new SignalHarm(Severity.Info, $"Writes to a closed pipe fail as they should; but {runtime.Words.Name} no longer ends when its standard output is closed."),
    };

    private static SignalHarm Notification(string signal, in RuntimeSignal need, RuntimeSignals runtime) => need.IsWanted == true
        ? new SignalHarm(Severity.Error, $"{runtime.Words.Subscription} for {signal} receives nothing.")
        : new SignalHarm(Severity.Info, $"The program has not asked {runtime.Words.Name} for {signal}, so nothing misses it; a later {runtime.Words.Subscription} would receive nothing.");
}
