using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class SignalStackUnusable : SignalRule
{
    public override string Id => "R34";

    public override string Title => "Threads of the runtime without a usable alternate stack";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Signals.Threads.All(static thread => thread.AlternateStack is null) ? "the threads' alternate stacks are not known" : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        foreach (IGrouping<SignalVerdict, ReportSignal> group in evidence.Signals.Signals
            .Where(static signal => signal.Verdict is SignalVerdict.AltStackDisabled or SignalVerdict.AltStackTooSmall)
            .GroupBy(static signal => signal.Verdict))
        {
            // That of the profiling or preempting signal says most.
            ReportSignal[] signals = [.. group.OrderByDescending(static signal => signal.Severity).ThenByDescending(static signal => signal.Number is Preemption)];
            int count = signals[0].Threads.Count;
            string what = group.Key == SignalVerdict.AltStackDisabled ? "no alternate stack" : "too small an alternate stack";
            Finding finding = Report(signals, count == 1 ? $"Thread {signals[0].Threads[0]} has {what} for signals" : $"{count} threads of the runtime have {what} for signals");
            yield return finding with { Weight = 8, Evidence = [.. StacksOf(evidence, signals[0].Threads)] };
        }
    }

    private static IEnumerable<Evidence> StacksOf(DoctorEvidence evidence, IReadOnlyList<int> tids)
    {
        foreach (SignalThread thread in evidence.Signals.Threads.Where(thread => tids.Contains(thread.Tid)).Take(5))
        {
            string value = thread.AlternateStack is { IsNone: false } stack ? $"{stack.Size} bytes at {stack.Start} ({thread.AlternateStackOwner})" : "none (SS_DISABLE)";
            yield return new Evidence($"alternate stack of thread {thread.Tid} ({thread.Name})", value, "kernel");
        }

        if (evidence.Signals.SignalFrameBytes is { } bytes)
        {
            yield return new Evidence("frame of a signal on this machine", $"{bytes} bytes", "AT_MINSIGSTKSZ");
        }
    }
}
