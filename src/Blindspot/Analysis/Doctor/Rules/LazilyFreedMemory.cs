using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class LazilyFreedMemory : MemoryRule
{
    private const long Least = 64 * Mebibyte;

    public override string Id => "R27";

    public override string Title => "Memory that counts as resident and was given back (MADV_FREE)";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        evidence.First.Figures.AnonymousBytes is null ? NoFigures
        : evidence.First.Figures.LazyFreeBytes is null ? NoRollup
        : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        ProcessFigures figures = evidence.First.Figures;
        if (figures.LazyFreeBytes is not { } lazy || lazy < Least)
        {
            yield break;
        }

        yield return new Finding
        {
            Rule = Id,
            Severity = Severity.Info,
            Certainty = Certainty.Proved,
            Title = $"{Size(lazy)} count as resident and were given back",
            Consequence = "The kernel takes it when it needs the room. Until then it is in the resident memory of the process and of its cgroup, and looks like a leak.",
            Evidence =
            [
                Seen("given back by MADV_FREE (LazyFree)", lazy, Rollup),
                Seen("resident anonymous memory (RssAnon), with it", figures.AnonymousBytes, Status),
            ],
            Advice = "Take it off when you compare. To see true figures use MADV_DONTNEED (Go: not GODEBUG=madvdontneed=0; jemalloc: muzzy_decay_ms:0).",
            Weight = WeightOf(lazy),
        };
    }
}
