using Blindspot.Analysis.Stacks;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class BlockedInForeignCode : Rule
{
    public override string Id => "R31";

    public override string Title => "Calls into C that do not return";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Second is null ? "how long calls last takes a second look at a live process" : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        string noun = evidence.Words?.Task ?? "task";
        foreach (IGrouping<string?, ReportThread> group in evidence.Stacks.Threads
            .Where(thread => thread.Kind == ThreadKind.InC && thread.Task is not null && evidence.HasRun(thread.Tid) == false)
            .GroupBy(thread => Threads.TellingFrame(evidence.Stacks, thread)?.Function)
            .OrderByDescending(static group => group.Count())
            .Take(3))
        {
            ReportThread[] threads = [.. group];
            SymbolFrame? code = Threads.TellingFrame(evidence.Stacks, threads[0]);
            yield return new Finding
            {
                Rule = Id,
                Severity = Severity.Info,
                Certainty = Certainty.Proved,
                Title = $"{(threads.Length == 1 ? $"1 {noun} is" : $"{threads.Length} {noun}s are")} blocked in C, in {code?.ShortFunction ?? "unknown code"}",
                Consequence = $"Each keeps a thread for as long as the call lasts; {noun} profiles show it as running a system call, without the C below.",
                Culprit = new Culprit(code, threads[0].Tid, threads[0].Task),
                Evidence = [.. threads.Take(4).Select(thread => new Evidence($"{noun} {thread.Task} on thread {thread.Tid}", $"used no CPU time in {evidence.Interval.TotalSeconds:0.0} s", "kernel"))],
                Weight = threads.Length,
            };
        }
    }
}
