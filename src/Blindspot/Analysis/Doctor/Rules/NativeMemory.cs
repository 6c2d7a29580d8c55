using System.Globalization;
using Blindspot.Model;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

/// <remarks>
/// A runtime tells how much it has from the system, not how much of that is resident. So what is left of the resident memory
/// when all of that is taken off is a lower bound: where the runtime has memory that was never touched, as much more is native.
/// Two things could make it too large. What was given back by MADV_FREE is resident and belongs to nobody: it is taken off,
/// whoever had it. What the runtime gave back may be resident again in a huge page, with a neighbour that is in use: so
/// much of it as there are huge pages makes the finding unsure.
/// </remarks>
internal sealed class NativeMemory : MemoryRule
{
    private const long Least = 64 * Mebibyte;
    private const double LeastShare = 0.25;

    public override string Id => "R21";

    public override string Title => "Memory that is not the runtime's: of C, or mapped by the program itself";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        !HasRuntime(evidence) ? null
        : evidence.First.Figures.AnonymousBytes is null ? NoFigures
        : evidence.RuntimeMemory?.MappedBytes is null ? NoRuntimeMemory
        : evidence.First.Figures.LazyFreeBytes is null ? NoRollup
        : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ProcessFigures figures = evidence.First.Figures;
        if (!HasRuntime(evidence)
            || evidence.RuntimeMemory is not { MappedBytes: { } mapped } memory
            || figures.AnonymousBytes - figures.LazyFreeBytes is not { } resident
            || resident - mapped < Least)
        {
            yield break;
        }

        long native = resident - mapped;
        long returned = Math.Min(memory.HeapReleasedBytes ?? 0, figures.AnonymousHugeBytes ?? 0);
        bool isSure = native - returned >= Least;
        double share = native / (double)resident;
        string runtime = RuntimeName(evidence);
        long? growth = evidence.Second?.Figures.AnonymousBytes - figures.AnonymousBytes;
        yield return new Finding
        {
            Rule = Id,
            Severity = isSure && share >= LeastShare ? Severity.Warning : Severity.Info,
            Certainty = isSure ? Certainty.Likely : Certainty.Possible,
            Title = string.Create(CultureInfo.InvariantCulture, $"At least {Size(native)} of resident memory are not {runtime}'s ({share:P0} of what is anonymous)"),
            Consequence = $"Heap profiles show none of it, and {runtime}'s collector neither frees nor bounds it. It is C's (malloc, mmap, stacks of threads) or was mapped by the program itself."
                + (growth >= Mebibyte ? string.Create(CultureInfo.InvariantCulture, $" Anonymous memory grew by {Size(growth.Value)} in {evidence.Interval.TotalSeconds:0.0} s.") : "")
                + (isSure ? "" : $" It may be less: what {runtime} gave back can be resident again in huge pages."),
            Evidence = [.. EvidenceOf(evidence, memory)],
            Advice = "Look at it again after a while. If it grows, look for C that is allocated and not freed; if it does not, at what the allocator keeps (malloc_trim, MALLOC_ARENA_MAX), at C's caches and at the program's own mmap.",
            Weight = WeightOf(native),
        };
    }

    private static IEnumerable<Evidence> EvidenceOf(DoctorEvidence evidence, RuntimeMemory memory)
    {
        ProcessFigures figures = evidence.First.Figures;
        yield return Seen("resident anonymous memory (RssAnon)", figures.AnonymousBytes, Status);
        yield return Seen($"all that {RuntimeName(evidence)} has from the system, resident or not", memory.MappedBytes, RuntimeFigures);
        foreach (Evidence change in Change(evidence, $"RssAnon, {RuntimeName(evidence)}'s own part included", figures.AnonymousBytes, evidence.Second?.Figures.AnonymousBytes))
        {
            yield return change;
        }

        yield return Seen("resident, and given back by MADV_FREE", figures.LazyFreeBytes, Rollup);
        if (memory.HeapReleasedBytes > 0 && figures.AnonymousHugeBytes > 0)
        {
            yield return Seen($"given back by {RuntimeName(evidence)}", memory.HeapReleasedBytes, RuntimeFigures);
            yield return Seen("in huge pages", figures.AnonymousHugeBytes, Rollup);
        }
    }
}
