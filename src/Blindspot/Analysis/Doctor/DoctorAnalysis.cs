using Blindspot.Analysis.Doctor.Rules;
using Blindspot.Primitives;

namespace Blindspot.Analysis.Doctor;

/// <summary>Applies every rule to what was gathered, and ranks what they find.</summary>
public static class DoctorAnalysis
{
    // One class for each, and a page of its own in docs/rules.
    private static readonly Rule[] All =
    [
        new ProfilingSignalReplaced(),
        new ProfilingSignalIgnored(),
        new ProfilingSignalDeadly(),
        new ThreadHiddenByMask(),
        new MaskLeaked(),
        new InnocentMasks(),
        new BusyForeignThread(),
        new BusyChildren(),
        new PreemptionSignalTaken(),
        new HandlerWithoutSignalStack(),
        new NativeMemory(),
        new SharedAndFileMemory(),
        new IdleHeap(),
        new LazilyFreedMemory(),
        new LargeStacks(),
        new ForeignLock(),
        new BlockedInForeignCode(),
        new ThreadsBecauseOfForeignCode(),
        new SignalTaken(),
        new SignalStackUnusable(),
    ];

    /// <summary>"R2", …: those that there are.</summary>
    public static IReadOnlyList<string> RuleIds => [.. All.Select(static rule => rule.Id)];

    /// <param name="evidence">What was seen.</param>
    /// <param name="target">What it was seen of.</param>
    /// <param name="gaps">What could not be seen.</param>
    public static DoctorReport Run(DoctorEvidence evidence, TargetDescription target, IReadOnlyList<Gap> gaps)
    {
        var findings = new List<Finding>();
        var applied = new List<CheckedRule>(All.Length);
        foreach (Rule rule in All)
        {
            string? missing = rule.WhatIsMissing(evidence);
            int before = findings.Count;
            if (missing is null)
            {
                findings.AddRange(rule.Examine(evidence));
            }

            applied.Add(new CheckedRule(rule.Id, rule.Title, findings.Count - before, missing));
        }

        return new DoctorReport
        {
            Target = target,
            Findings = [.. findings
                .OrderByDescending(static finding => finding.Severity)
                .ThenByDescending(static finding => finding.Weight)
                .ThenByDescending(static finding => finding.Certainty)],
            Profiles = ProfileTrusts.Of(evidence, findings),
            Checked = applied,
            Interval = evidence.Interval,
            Gaps = gaps,
        };
    }
}
