using Blindspot.Analysis.Signals;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

/// <remarks>Libraries block all signals in their threads on purpose, and rightly: that is no fault, but it is where CPU time goes unseen.</remarks>
internal sealed class ThreadHiddenByMask : SignalRule
{
    /// <summary>Less of a processor is not worth a word.</summary>
    public const double BusyShare = 0.05;

    public override string Id => "R6";

    public override string Title => "Busy threads of C that block SIGPROF";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Second is null ? "which threads use CPU time takes a second look at a live process" : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        if (evidence.Signals.Runtimes.Count == 0)
        {
            yield break;
        }

        ulong bit = SignalNames.Bit(Profiling);
        (int Tid, double Load)[] hidden = [.. evidence.Signals.Threads
            .Where(thread => !Of(evidence, Profiling).Threads.Contains(thread.Tid) && thread.Kind is SignalThreadKind.Foreign or SignalThreadKind.ForeignInRuntime && !thread.IsBlockedForNow && (thread.Blocked & bit) != 0
                && ((evidence.Second?.FindThread(thread.Tid)?.BlockedSignals ?? 0) & bit) != 0)
            .Select(thread => (thread.Tid, Load: evidence.LoadOf(thread.Tid) ?? 0))
            .Where(static thread => thread.Load >= BusyShare)
            .OrderByDescending(static thread => thread.Load)];
        if (hidden.Length > 0)
        {
            double load = hidden.Sum(static thread => thread.Load);
            yield return new Finding
            {
                Rule = Id,
                Severity = Severity.Info,
                Certainty = Certainty.Proved,
                Title = $"{Threads.Count(hidden.Length)} made by C {(hidden.Length == 1 ? "uses" : "use")} {load:P0} of a processor and {(hidden.Length == 1 ? "blocks" : "block")} SIGPROF",
                Consequence = "CPU profiles don't show that time at all, not even as external code.",
                Culprit = Threads.CulpritOf(evidence, hidden[0].Tid),
                Evidence = [.. MasksOf(evidence, hidden.Select(static thread => thread.Tid))],
                Advice = "Take it into account; a profiler of the whole system (perf) shows it.",
                Weight = load,
            };
        }
    }
}
