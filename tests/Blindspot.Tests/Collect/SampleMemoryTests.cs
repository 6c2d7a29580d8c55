using System.Buffers.Binary;
using Blindspot.Collect;
using Blindspot.Interop;
using Blindspot.Primitives;
using Blindspot.Tests.Image.Dwarf;

namespace Blindspot.Tests.Collect;

/// <summary>Forged records of the sampling program, and what the memory of such a sample answers.</summary>
public sealed class SampleMemoryTests
{
    private const ulong LiveStart = 0x1000;
    private const ulong Task = 0x1100;

    private static readonly RuntimeStackHints s_hints = new()
    {
        ThreadTask = -8,
        TaskWorker = 48,
        TaskStackLow = 0,
        TaskStackHigh = 8,
        TaskSp = 56,
        TaskPc = 64,
        TaskBp = 96,
        TaskId = 152,
        WorkerTask = 184,
        WorkerOwnTask = 0,
    };

    [Fact]
    public void A_stack_is_read_as_it_was_and_the_rest_as_it_is()
    {
        SampleMemory memory = Show(Forge(first: 0x1010, firstBytes: 16, second: 0x1040, secondBytes: 8), s_hints);

        Assert.Equal(1, Read(memory, 0x1010, 16));
        Assert.Equal(1, Read(memory, 0x1018, 8));
        Assert.Equal(2, Read(memory, 0x1040, 8));
        Assert.Equal(0, memory.OutsideReads);
        Assert.Equal(0xee, Read(memory, 0x1008, 8));
        Assert.Equal(1, memory.OutsideReads);
    }

    [Fact]
    public void What_goes_on_behind_a_slice_is_taken_from_the_process()
    {
        SampleMemory memory = Show(Forge(first: 0x1010, firstBytes: 16, second: 0, secondBytes: 0), s_hints);
        Span<byte> bytes = stackalloc byte[16];

        Assert.Equal(16, memory.Read(new TargetAddress(0x1018), bytes));
        Assert.Equal(1, bytes[7]);
        Assert.Equal(0xee, bytes[8]);
    }

    [Fact]
    public void The_words_of_the_runtime_are_those_of_the_sample()
    {
        SampleMemory memory = Show(Forge(first: 0x1010, firstBytes: 16, second: 0, secondBytes: 0), s_hints);

        Assert.True(memory.TryReadUInt64(new TargetAddress(Task + 56), out ulong sp));
        Assert.Equal(0x1234UL, sp);
        Assert.True(memory.TryReadUInt64(new TargetAddress(Task + 16), out ulong live));
        Assert.Equal(0xeeeeeeeeeeeeeeeeUL, live);
    }

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, false)]
    public void Words_that_were_not_all_read_count_for_nothing(bool isKnown, bool hasHints)
    {
        byte[] record = Forge(first: 0x1010, firstBytes: 16, second: 0, secondBytes: 0, isKnown);
        SampleMemory memory = Show(record, hasHints ? s_hints : null);

        Assert.True(memory.TryReadUInt64(new TargetAddress(Task + 56), out ulong sp));
        Assert.Equal(0xeeeeeeeeeeeeeeeeUL, sp);
    }

    [Fact]
    public void A_malformed_record_is_refused()
    {
        byte[] record = Forge(first: 0x1010, firstBytes: 16, second: 0x1040, secondBytes: 8);
        SampleRecord sample = new();
        Assert.True(sample.TryLoad(record));
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = (byte[])record.Clone();
            changed[random.Next(changed.Length)] = (byte)random.Next(256);
            changed[random.Next(160)] = (byte)random.Next(256);
            if (sample.TryLoad(changed.AsSpan(0, random.Next(4) == 0 ? random.Next(changed.Length) : changed.Length)))
            {
                _ = sample.Slice(0, out _).Length + sample.Slice(1, out _).Length;
            }
        }

        for (int length = 0; length < record.Length; length++)
        {
            Assert.False(sample.TryLoad(record.AsSpan(0, length)));
        }

        Assert.Equal(0, sample.Slice(0, out _).Length);
    }

    private static SampleMemory Show(byte[] record, RuntimeStackHints? hints)
    {
        byte[] live = new byte[0x1000];
        Array.Fill(live, (byte)0xee);
        SampleRecord sample = new();
        Assert.True(sample.TryLoad(record));
        Assert.Equal(42, sample.Tid);
        SampleMemory memory = new(new BufferMemory(LiveStart, live), hints);
        memory.Use(sample);
        return memory;
    }

    // The last byte.
    private static int Read(SampleMemory memory, ulong address, int length)
    {
        byte[] bytes = new byte[length];
        Assert.True(memory.TryReadExactly(new TargetAddress(address), bytes));
        return bytes[^1];
    }

    private static byte[] Forge(ulong first, int firstBytes, ulong second, int secondBytes, bool isKnown = true)
    {
        WireEvent header = new()
        {
            Kind = WireEvent.RecordKind,
            Event = WireEvent.CpuEvent,
            Flags = isKnown ? WireEvent.RuntimeKnown : 0,
            Tid = 42,
            ThreadTask = Task,
            Worker = Task,
            Task = Task,
            TaskSp = 0x1234,
        };
        header.Slices[0] = new WireSlice { Address = first, Bytes = (uint)firstBytes };
        header.Slices[1] = new WireSlice { Address = second, Bytes = (uint)secondBytes };
        byte[] record =
        [
            .. WireRecords.BytesOf(in header),
            .. Enumerable.Repeat((byte)1, firstBytes),
            .. Enumerable.Repeat((byte)2, secondBytes),
        ];
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), (uint)record.Length);
        return record;
    }
}
