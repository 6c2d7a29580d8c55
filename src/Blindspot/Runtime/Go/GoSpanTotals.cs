using System.Buffers.Binary;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// What spans are used for, by runtime.memstats.heapStats (Go: src/runtime/mstats.go, consistentHeapStats), in bytes. It
/// has three sets of changes, and only their sum means something: a single one may be negative.
/// </summary>
internal readonly record struct GoSpanTotals(long InHeap, long InStacks)
{
    private const int Sets = 3;
    private const long PageMask = (8 << 10) - 1;
    private const long SmallDifference = 4 << 20;

    /// <summary>
    /// While statistics are taken (runtime.ReadMemStats, metrics) a set is added to another before it is emptied: then the
    /// sum is of both. It is read again, as often.
    /// </summary>
    private const int Tries = 4;

    /// <summary>Reads totals that agree with the heap's counters, about, since both move; false where there are none.</summary>
    public static bool TryRead(TargetMemory memory, GoLayout layout, TargetAddress statistics, GoHeapCounters heap, out GoSpanTotals totals)
    {
        totals = default;
        int size = layout[GoField.SpansSize];
        if (size <= 0 || size > 1 << 16 || !layout.Has(GoField.StatisticsOfSpans) || !layout.Has(GoField.SpansInHeap) || !layout.Has(GoField.SpansInStacks))
        {
            return false;
        }

        byte[] bytes = new byte[Sets * size];
        for (int i = 0; i < Tries; i++)
        {
            if (!memory.TryReadExactly(statistics + (ulong)layout[GoField.StatisticsOfSpans], bytes))
            {
                return false;
            }

            totals = new GoSpanTotals(Sum(layout[GoField.SpansInHeap]), Sum(layout[GoField.SpansInStacks]));
            if (totals.Agree(heap))
            {
                return true;
            }
        }

        return false;

        long Sum(int field)
        {
            long sum = 0;
            for (int set = 0; set < Sets; set++)
            {
                sum = unchecked(sum + BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan((set * size) + field)));
            }

            return sum;
        }
    }

    private bool Agree(GoHeapCounters heap) =>
        InHeap > 0 && InStacks > 0
        && ((InHeap | InStacks) & PageMask) == 0
        && (ulong)InStacks < heap.Ready
        && Math.Abs(InHeap - (long)heap.InUse) <= Math.Max(SmallDifference, (long)heap.InUse / 8);
}
