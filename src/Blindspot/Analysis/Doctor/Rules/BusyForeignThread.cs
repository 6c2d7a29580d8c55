using Blindspot.Analysis.Signals;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class BusyForeignThread : SignalRule
{
    public override string Id => "R10";

    public override string Title => "Busy threads made by C";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Second is null ? "which threads use CPU time takes a second look at a live process" : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        if (evidence.Signals.Runtimes.Count == 0)
        {
            yield break;
        }

        ulong bit = SignalNames.Bit(Profiling);
        (int Tid, double Load)[] busy = [.. evidence.Signals.Threads
            .Where(thread => thread.Kind == SignalThreadKind.Foreign && (thread.Blocked & bit) == 0)
            .Select(thread => (thread.Tid, Load: evidence.LoadOf(thread.Tid) ?? 0))
            .Where(static thread => thread.Load >= ThreadHiddenByMask.BusyShare)
            .OrderByDescending(static thread => thread.Load)];
        if (busy.Length > 0)
        {
            double load = busy.Sum(static thread => thread.Load);
            yield return new Finding
            {
                Rule = Id,
                Severity = Severity.Info,
                Certainty = Certainty.Proved,
                Title = $"{Threads.Count(busy.Length)} made by C {(busy.Length == 1 ? "uses" : "use")} {load:P0} of a processor",
                Consequence = "A CPU profile shows that time as external code, without its functions and callers.",
                Culprit = Threads.CulpritOf(evidence, busy[0].Tid),
                Evidence = [.. busy.Take(5).Select(thread => new Evidence($"thread {thread.Tid} ({evidence.First.FindThread(thread.Tid)?.Name})", $"{thread.Load:P0} of a processor", "kernel, over " + $"{evidence.Interval.TotalSeconds:0.0} s"))],
                Weight = load,
            };
        }
    }
}
