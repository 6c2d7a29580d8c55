using System.Globalization;

namespace Blindspot.Analysis.Doctor.Rules;

/// <remarks>The kernel adds a child's CPU time to its parent's count when the parent waits for it: one that runs on is not in it.</remarks>
internal sealed class BusyChildren : Rule
{
    // The count goes in hundredths of a second.
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(50);

    public override string Id => "R17";

    public override string Title => "CPU time in child processes";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Second is null ? "what grows takes a second look at a live process"
        : evidence.First.Figures.ChildUserTime is null || evidence.Second.Figures.ChildUserTime is null ? "the CPU time of children is not known (/proc/PID/stat)"
        : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        TimeSpan? before = evidence.First.Figures.ChildUserTime + evidence.First.Figures.ChildSystemTime;
        TimeSpan? after = evidence.Second?.Figures.ChildUserTime + evidence.Second?.Figures.ChildSystemTime;
        if (after - before is not { } used || used < Least)
        {
            yield break;
        }

        string seconds = string.Create(CultureInfo.InvariantCulture, $"{evidence.Interval.TotalSeconds:0.0} s");
        yield return new Finding
        {
            Rule = Id,
            Severity = Severity.Info,
            Certainty = Certainty.Proved,
            Title = string.Create(CultureInfo.InvariantCulture, $"Child processes that ended within {seconds} had used {used.TotalSeconds:0.00} s of CPU time"),
            Consequence = "CPU profiles of this process show none of it.",
            Evidence =
            [
                new Evidence("CPU time of children that were waited for", string.Create(CultureInfo.InvariantCulture, $"{before?.TotalSeconds:0.00} s, then {after?.TotalSeconds:0.00} s"), "/proc/PID/stat (cutime, cstime)"),
            ],
            Advice = "Look at the children: a profiler of the whole system (perf) shows what they do.",
            Weight = used.TotalSeconds,
        };
    }
}
