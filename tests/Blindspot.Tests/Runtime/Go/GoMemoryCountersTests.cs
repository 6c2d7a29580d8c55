using System.Buffers.Binary;
using Blindspot.Primitives;
using Blindspot.Runtime.Go;
using Blindspot.Target;

namespace Blindspot.Tests.Runtime.Go;

public sealed class GoMemoryCountersTests
{
    private const ulong Controller = 0x1000;
    private const ulong Statistics = 0x4000;
    private const ulong Mebibyte = 1 << 20;

    private readonly Memory _memory = new();
    private readonly GoLayout _layout;

    public GoMemoryCountersTests()
    {
        Assert.True(GoLayout.TryFromTable(27, out GoLayout? layout));
        _layout = layout;
        SetHeap(ready: 40, inUse: 24, free: 8, released: 16);
        SetSet(0, heap: 30, stacks: 3);
        SetSet(1, heap: -10, stacks: -2);
        SetSet(2, heap: 4, stacks: 1);
    }

    private GoHeapCounters Heap => TryReadHeap(out GoHeapCounters heap) ? heap : default;

    [Fact]
    public void Counters_of_the_heap_are_read()
    {
        Assert.True(TryReadHeap(out GoHeapCounters heap));
        Assert.Equal(new GoHeapCounters(40 * Mebibyte, 24 * Mebibyte, 8 * Mebibyte, 16 * Mebibyte), heap);
    }

    [Fact]
    public void What_cannot_be_a_heap_is_none()
    {
        SetHeap(ready: 20, inUse: 24, free: 8, released: 16);
        Assert.False(TryReadHeap(out _));
        SetHeap(ready: 20, inUse: 0, free: 8, released: 16);
        Assert.False(TryReadHeap(out _));
        SetHeap(ready: 40, inUse: 24, free: 8, released: 16);
        _memory.Set(Controller + (ulong)_layout[GoField.MemoryHeapFree], 4096);
        Assert.False(TryReadHeap(out _));
        _memory.IsMissing = true;
        Assert.False(TryReadHeap(out _));
    }

    [Fact]
    public void Counters_that_disagree_for_a_moment_are_read_again()
    {
        SetHeap(ready: 20, inUse: 24, free: 8, released: 16);
        _memory.AfterReads = (1, () => SetHeap(ready: 40, inUse: 24, free: 8, released: 16));
        Assert.Equal(40 * Mebibyte, Heap.Ready);
    }

    [Fact]
    public void Spans_are_summed_over_the_three_sets()
    {
        Assert.True(TryReadSpans(out GoSpanTotals spans));
        Assert.Equal(new GoSpanTotals(24 << 20, 2 << 20), spans);
    }

    [Fact]
    public void A_set_that_is_being_added_to_another_is_not_counted_twice()
    {
        // As in consistentHeapStats.read, between its two steps.
        SetSet(1, heap: 20, stacks: 1);
        GoHeapCounters heap = Heap;
        _memory.AfterReads = (1, () => SetSet(0, heap: 0, stacks: 0));
        Assert.True(GoSpanTotals.TryRead(_memory, _layout, new TargetAddress(Statistics), heap, out GoSpanTotals spans));
        Assert.Equal(new GoSpanTotals(24 << 20, 2 << 20), spans);
    }

    [Fact]
    public void Spans_that_contradict_the_heap_are_none()
    {
        SetSet(0, heap: 300, stacks: 3);
        Assert.False(TryReadSpans(out _));
        SetSet(0, heap: 30, stacks: 1);
        Assert.False(TryReadSpans(out _));
        SetSet(0, heap: 30, stacks: 300);
        Assert.False(TryReadSpans(out _));
    }

    private bool TryReadHeap(out GoHeapCounters heap) => GoHeapCounters.TryRead(_memory, _layout, new TargetAddress(Controller), out heap);

    private bool TryReadSpans(out GoSpanTotals spans) => GoSpanTotals.TryRead(_memory, _layout, new TargetAddress(Statistics), Heap, out spans);

    private void SetHeap(ulong ready, ulong inUse, ulong free, ulong released)
    {
        foreach ((GoField field, ulong value) in ((GoField, ulong)[])
            [(GoField.MemoryReady, ready), (GoField.MemoryHeapInUse, inUse), (GoField.MemoryHeapFree, free), (GoField.MemoryHeapReleased, released)])
        {
            _memory.Set(Controller + (ulong)_layout[field], value * Mebibyte);
        }
    }

    private void SetSet(int set, long heap, long stacks)
    {
        ulong start = Statistics + (ulong)(_layout[GoField.StatisticsOfSpans] + (set * _layout[GoField.SpansSize]));
        _memory.Set(start + (ulong)_layout[GoField.SpansInHeap], (ulong)(heap << 20));
        _memory.Set(start + (ulong)_layout[GoField.SpansInStacks], (ulong)(stacks << 20));
    }

    private sealed class Memory : TargetMemory
    {
        private readonly byte[] _bytes = new byte[0x8000];
        private int _reads;

        public bool IsMissing { get; set; }

        /// <summary>Something that happens when it has been read as often.</summary>
        public (int Count, Action Then)? AfterReads
        {
            get;
            set
            {
                field = value;
                _reads = 0;
            }
        }

        public void Set(ulong address, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan((int)address), value);

        public override int Read(TargetAddress address, Span<byte> destination)
        {
            if (IsMissing)
            {
                return 0;
            }

            _bytes.AsSpan((int)address.Value, destination.Length).CopyTo(destination);
            if (AfterReads is var (count, then) && ++_reads == count)
            {
                then();
            }

            return destination.Length;
        }
    }
}
