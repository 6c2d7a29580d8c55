using Blindspot.Analysis.Stacks;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class ThreadsBecauseOfForeignCode : Rule
{
    private const int Few = 32;

    public override string Id => "R32";

    public override string Title => "Threads that exist only because calls into C block";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.Signals.Runtimes.Count > 0 && evidence.Stacks.Scheduler is null ? "the runtime's scheduler could not be read" : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        if (evidence.Stacks.Scheduler is not { } scheduler || scheduler.ThreadsBlockedInC <= Math.Max(Few, 4 * scheduler.MaxProcessors))
        {
            yield break;
        }

        IGrouping<string?, ReportThread> most = evidence.Stacks.Threads
            .Where(static thread => thread.Kind == ThreadKind.InC)
            .GroupBy(thread => Threads.TellingFrame(evidence.Stacks, thread)?.Function)
            .MaxBy(static group => group.Count())!;
        SymbolFrame? code = Threads.TellingFrame(evidence.Stacks, most.First());
        int? grown = evidence.Second is { } second ? second.Threads.Count - evidence.First.Threads.Count : null;
        yield return new Finding
        {
            Rule = Id,
            Severity = Severity.Warning,
            Certainty = Certainty.Proved,
            Title = $"{scheduler.ThreadsBlockedInC} threads exist only because calls into C block, {most.Count()} of them in {code?.ShortFunction ?? "unknown code"}",
            Consequence = $"Each is a thread with its stacks, for as long as the call lasts; at 10,000 threads the runtime ends the process. {(grown > 0 ? $"{grown} more came while this was looked at." : "")}".TrimEnd(),
            Culprit = new Culprit(code, most.First().Tid, most.First().Task),
            Evidence =
            [
                new Evidence("threads in C", scheduler.ThreadsInC.ToString(System.Globalization.CultureInfo.InvariantCulture), "stacks"),
                new Evidence("processors of the scheduler", scheduler.MaxProcessors.ToString(System.Globalization.CultureInfo.InvariantCulture), "runtime.allp"),
            ],
            Advice = "Bound how many such calls run at a time (a semaphore around them), or give the call a time-out.",
            Weight = grown ?? 0,
        };
    }
}
