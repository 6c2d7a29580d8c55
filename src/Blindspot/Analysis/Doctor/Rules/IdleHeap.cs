using System.Globalization;

namespace Blindspot.Analysis.Doctor.Rules;

/// <remarks>
/// A heap that is used from one collection to the next is free in part: with GOGC=100 Go keeps as much free as is in use, and
/// a tenth more. That is as it should be, so only what goes well beyond it is a warning.
/// </remarks>
internal sealed class IdleHeap : MemoryRule
{
    private const long Least = 64 * Mebibyte;
    private const double LeastShare = 0.25;
    private const long Much = 256 * Mebibyte;
    private const int UsualFactor = 2;

    public override string Id => "R26";

    public override string Title => "Free heap that the runtime keeps";

    public override string? WhatIsMissing(DoctorEvidence evidence) =>
        !HasRuntime(evidence) ? null
        : evidence.First.Figures.AnonymousBytes is null ? NoFigures
        : evidence.RuntimeMemory?.HeapFreeBytes is null ? NoRuntimeMemory
        : null;

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        if (!HasRuntime(evidence)
            || evidence.First.Figures.AnonymousBytes is not { } anonymous
            || evidence.RuntimeMemory is not { HeapFreeBytes: { } free } memory)
        {
            yield break;
        }

        // What is free may never have been touched: no more of it can be resident than there is.
        long resident = anonymous - Math.Min(anonymous, evidence.First.Figures.LazyFreeBytes ?? 0);
        long atMost = Math.Min(free, resident);
        if (atMost < Least || atMost < LeastShare * resident)
        {
            yield break;
        }

        bool isMost = free <= resident && free >= Much && free > resident / 2 && memory.HeapInUseBytes is { } used && free > UsualFactor * used;
        string runtime = RuntimeName(evidence);
        yield return new Finding
        {
            Rule = Id,
            Severity = isMost ? Severity.Warning : Severity.Info,
            Certainty = Certainty.Likely,
            Title = string.Create(CultureInfo.InvariantCulture, $"{runtime} keeps {Size(free)} of free heap, up to {atMost / (double)Math.Max(1, resident):P0} of the resident memory"),
            Consequence = "It holds no objects, so that heap profiles don't show it; it counts as resident until the runtime gives it back, which it does slowly, and not while it expects to need it again.",
            Evidence =
            [
                Seen("free heap that is kept (HeapIdle - HeapReleased)", free, RuntimeFigures),
                Seen("heap in use", memory.HeapInUseBytes, RuntimeFigures),
                Seen("resident anonymous memory (RssAnon)", anonymous, Status),
                Seen("free heap that was given back", memory.HeapReleasedBytes, RuntimeFigures),
            ],
            Advice = isMost
                ? "This is no leak: the program used so much once. Bound it (GOMEMLIMIT, a lower GOGC, less garbage at the peak), or call debug.FreeOSMemory after the peak."
                : null,
            Weight = WeightOf(atMost),
        };
    }
}
