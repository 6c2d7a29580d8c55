using Blindspot.Analysis.Signals;

namespace Blindspot.Analysis.Doctor.Rules;

/// <summary>A rule about threads made by C that use CPU time.</summary>
internal abstract class BusyThreadRule : SignalRule
{
    /// <summary>Less of a processor is not worth a word.</summary>
    private const double BusyShare = 0.05;

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Second is null ? "which threads use CPU time takes a second look at a live process" : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        // Without a runtime there is no profile in which they could be missing.
        (int Tid, double Load)[] busy = evidence.Signals.Runtimes.Count == 0 ? [] : [.. evidence.Signals.Threads
            .Where(thread => IsMeant(evidence, thread))
            .Select(thread => (thread.Tid, Load: evidence.LoadOf(thread.Tid) ?? 0))
            .Where(static thread => thread.Load >= BusyShare)
            .OrderByDescending(static thread => thread.Load)];
        if (busy.Length > 0)
        {
            double load = busy.Sum(static thread => thread.Load);
            yield return Report(evidence, busy, load) with
            {
                Culprit = Threads.CulpritOf(evidence, busy[0].Tid),
                Weight = load,
            };
        }
    }

    protected abstract bool IsMeant(DoctorEvidence evidence, SignalThread thread);

    /// <param name="busy">The busiest first.</param>
    /// <param name="load">Of all of them, as a share of one processor.</param>
    protected abstract Finding Report(DoctorEvidence evidence, IReadOnlyList<(int Tid, double Load)> busy, double load);
}
