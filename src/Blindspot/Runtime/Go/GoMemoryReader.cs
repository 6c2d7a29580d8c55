using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Reads what Go's runtime says of its memory: runtime.gcController, runtime.memstats, runtime.MemProfileRate. HeapAlloc
/// is not among it: the runtime adds that up of all Ps' caches when it is asked.
/// </summary>
internal sealed class GoMemoryReader(GoModule module, TargetMemory memory, GoLayout layout, GapLog gaps)
{
    private const ulong LargestRate = 1UL << 40;

    // Functions that have used them in all versions from 1.19 to 1.27 (Go: src/runtime/mem.go, mgcscavenge.go, mheap.go,
    // malloc.go, mcache.go).
    private static readonly string[] Functions =
    [
        "runtime.sysAlloc", "runtime.sysFree", "runtime.gcPaceScavenger", "runtime.(*mheap).freeSpanLocked", "runtime.(*mheap).allocSpan",
        "runtime.(*mheap).grow", "runtime.(*pageAlloc).scavengeOne", "runtime.profilealloc", "runtime.allocmcache",
    ];

    private readonly GoVariableFinder _variables = new(module, gaps, Functions);

    public RuntimeMemory Read()
    {
        long? rate = ReadProfileRate();
        if (!layout.Has(GoField.MemoryReady) || !layout.Has(GoField.MemoryHeapInUse) || !layout.Has(GoField.MemoryHeapFree) || !layout.Has(GoField.MemoryHeapReleased))
        {
            gaps.Add("runtime", "runtime-memory-unknown", $"Where the Go runtime of {module.Module.Path} keeps count of its memory is not known for this version.");
            return new RuntimeMemory { HeapProfileRate = rate };
        }

        TargetAddress controller = FindController();
        if (controller.IsZero || !GoHeapCounters.TryRead(memory, layout, controller, out GoHeapCounters heap))
        {
            gaps.Add("runtime", "runtime-memory-unreadable", $"What the Go runtime of {module.Module.Path} says of its memory could not be read.");
            return new RuntimeMemory { HeapProfileRate = rate };
        }

        TargetAddress statistics = FindStatistics(heap);
        bool hasSpans = GoSpanTotals.TryRead(memory, layout, statistics, heap, out GoSpanTotals spans);
        uint collections = 0;
        bool hasCollections = hasSpans && layout.Has(GoField.StatisticsCollections)
            && memory.TryReadUInt32(statistics + (ulong)layout[GoField.StatisticsCollections], out collections);
        if (!hasSpans || !hasCollections)
        {
            gaps.Add("runtime", "runtime-memory-partial", $"How much the goroutines' stacks take, or how often garbage was collected, could not be read of the Go runtime of {module.Module.Path}.");
        }

        return new RuntimeMemory
        {
            MappedBytes = (long)heap.Ready,
            HeapInUseBytes = (long)heap.InUse,
            HeapFreeBytes = (long)heap.Free,
            HeapReleasedBytes = (long)heap.Released,
            StackBytes = hasSpans ? spans.InStacks : null,
            Collections = hasCollections ? collections : null,
            HeapProfileRate = rate,
        };
    }

    private TargetAddress FindController()
    {
        int ready = layout[GoField.MemoryReady];
        return _variables.Find(
            "runtime.gcController",
            [new("runtime.sysAlloc", ready), new("runtime.sysFree", ready), new("runtime.gcPaceScavenger", ready), new("runtime.(*mheap).freeSpanLocked", layout[GoField.MemoryHeapFree])],
            address => GoHeapCounters.TryRead(memory, layout, address, out _));
    }

    private TargetAddress FindStatistics(GoHeapCounters heap)
    {
        if (!layout.Has(GoField.StatisticsOfSpans))
        {
            return TargetAddress.Zero;
        }

        // They lock the three sets by calling a method of them.
        int spans = layout[GoField.StatisticsOfSpans];
        return _variables.Find(
            "runtime.memstats",
            [new("runtime.(*mheap).allocSpan", spans), new("runtime.(*mheap).freeSpanLocked", spans), new("runtime.(*mheap).grow", spans), new("runtime.(*pageAlloc).scavengeOne", spans)],
            address => GoSpanTotals.TryRead(memory, layout, address, heap, out _));
    }

    private long? ReadProfileRate()
    {
        TargetAddress address = _variables.Find(
            "runtime.MemProfileRate",
            [new("runtime.profilealloc", 0), new("runtime.allocmcache", 0)],
            address => memory.TryReadUInt64(address, out ulong value) && value <= LargestRate);
        return !address.IsZero && memory.TryReadUInt64(address, out ulong rate) ? (long)rate : null;
    }
}
