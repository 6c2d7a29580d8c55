using Blindspot.Analysis.Signals;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

/// <remarks>Libraries block all signals in their threads on purpose, and rightly: that is no fault, but it is where CPU time goes unseen.</remarks>
internal sealed class ThreadHiddenByMask : BusyThreadRule
{
    public override string Id => "R6";

    public override string Title => "Busy threads of C that block SIGPROF";

    protected override bool IsMeant(DoctorEvidence evidence, SignalThread thread)
    {
        ulong bit = SignalNames.Bit(Profiling);
        bool isForeign = thread.Kind is SignalThreadKind.Foreign or SignalThreadKind.ForeignInRuntime;
        bool isBlocked = !thread.IsBlockedForNow && (thread.Blocked & bit) != 0 && ((evidence.Second?.FindThread(thread.Tid)?.BlockedSignals ?? 0) & bit) != 0;
        return isForeign && isBlocked && !Of(evidence, Profiling).Threads.Contains(thread.Tid);
    }

    protected override Finding Report(DoctorEvidence evidence, IReadOnlyList<(int Tid, double Load)> busy, double load) => new()
    {
        Rule = Id,
        Severity = Severity.Info,
        Certainty = Certainty.Proved,
        Title = $"{Threads.Count(busy.Count)} made by C {(busy.Count == 1 ? "uses" : "use")} {load:P0} of a processor and {(busy.Count == 1 ? "blocks" : "block")} SIGPROF",
        Consequence = "CPU profiles don't show that time at all, not even as external code.",
        Evidence = [.. MasksOf(evidence, busy.Select(static thread => thread.Tid))],
        Advice = "Take it into account; a profiler of the whole system (perf) shows it.",
    };
}
