using System.Globalization;
using Blindspot.Analysis.Stacks;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class LargeStacks : MemoryRule
{
    private const long Least = 64 * Mebibyte;
    private const long Much = 256 * Mebibyte;

    public override string Id => "R28";

    public override string Title => "Stacks of the runtime's tasks";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        HasRuntime(evidence) && evidence.RuntimeMemory is not { StackBytes: not null, MappedBytes: not null } ? NoRuntimeMemory : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        if (evidence.RuntimeMemory is not { StackBytes: { } stacks, MappedBytes: { } mapped } || stacks < Least)
        {
            yield break;
        }

        string noun = evidence.Words?.Task ?? "task";
        ReportTask[] tasks = [.. evidence.Stacks.Tasks.Where(static task => !task.IsSystem)];
        IGrouping<string, ReportTask>[] creators = [.. tasks
            .Where(static task => task.CreatedBy is not null)
            .GroupBy(static task => task.CreatedBy!.Function)
            .OrderByDescending(static group => group.Count())
            .Take(3)];
        bool isMost = stacks > mapped / 2;
        string each = tasks.Length > 0 ? string.Create(CultureInfo.InvariantCulture, $", {stacks / 1024.0 / tasks.Length:N0} KiB each on average") : "";
        yield return new Finding
        {
            Rule = Id,
            Severity = stacks > Much || isMost ? Severity.Warning : Severity.Info,
            Certainty = Certainty.Proved,
            Title = string.Create(CultureInfo.InvariantCulture, $"{tasks.Length:N0} {noun}s have {Size(stacks)} of stacks{each}"),
            Consequence = $"Heap profiles don't show it. A {noun}'s stack stays as long as the {noun}; one that grew is halved only by collections that find it little used.",
            Culprit = creators is [{ } most, ..] && most.Count() > tasks.Length / 2 ? new Culprit(CodeOf(most.First().CreatedBy!, evidence)) : null,
            Evidence =
            [
                Seen("stacks", stacks, RuntimeFigures),
                .. creators.Select(group => new Evidence($"{noun}s that {group.Key} created", string.Create(CultureInfo.InvariantCulture, $"{group.Count():N0} of {tasks.Length:N0}"), "the runtime")),
                Seen($"all that {RuntimeName(evidence)} has from the system", mapped, RuntimeFigures),
                .. evidence.First.Figures.AnonymousBytes is { } resident ? (Evidence[])[Seen("resident anonymous memory (RssAnon)", resident, Status)] : [],
            ],
            Advice = $"Look at what these {noun}s wait for ('blindspot stacks'): end those that wait for ever, bound how many there are, and let deep recursion or large local arrays not run in each.",
            Weight = WeightOf(stacks),
        };
    }

    /// <summary>Where the creator's code lies is noted by the runtime as a line of source; of its module only a frame could tell.</summary>
    private static SymbolFrame CodeOf(ReportCreator creator, DoctorEvidence evidence) =>
        evidence.Stacks.Frames.FirstOrDefault(frame => frame.Symbol.Function == creator.Function)?.Symbol
        ?? new SymbolFrame(creator.Function, null, null, 0, creator.File, creator.Line, IsInlined: false, evidence.Stacks.Target.RuntimeKind ?? "c", IsPlumbing: false);
}
