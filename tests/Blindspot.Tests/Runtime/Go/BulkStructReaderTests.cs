using System.Buffers.Binary;
using Blindspot.Primitives;
using Blindspot.Runtime.Go;
using Blindspot.Target;

namespace Blindspot.Tests.Runtime.Go;

public sealed class BulkStructReaderTests
{
    private const ulong Base = 0x10000;
    private const int Size = 24;

    [Fact]
    public void Every_structure_is_read_once_wherever_it_lies()
    {
        Random random = new(7);
        HoledMemory memory = new(4 << 20);
        for (int round = 0; round < 30; round++)
        {
            // Neighbours, far ones, overlapping and equal ones, in any order.
            ulong[] addresses = new ulong[random.Next(1, 3000)];
            ulong at = Base;
            for (int i = 0; i < addresses.Length; i++)
            {
                addresses[i] = at;
                at += (ulong)(random.Next(4) switch { 0 => 0, 1 => 8, 2 => 40, _ => random.Next(0, 150) * 8 });
            }

            random.Shuffle(addresses);
            bool[] seen = new bool[addresses.Length];
            BulkStructReader reader = new(memory, addresses, Size);
            while (reader.MoveNext(out int index, out ReadOnlySpan<byte> bytes))
            {
                Assert.False(seen[index]);
                seen[index] = true;
                bool isThere = memory.IsWhole(addresses[index], Size);
                Assert.Equal(isThere, !bytes.IsEmpty);
                if (isThere)
                {
                    Assert.Equal(addresses[index], BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                }
            }

            Assert.All(seen, Assert.True);
        }
    }

    [Fact]
    public void Neighbours_are_fetched_together()
    {
        HoledMemory memory = new(1 << 20, hasHoles: false);
        ulong[] addresses = [.. Enumerable.Range(0, 1000).Select(i => Base + (ulong)(i * 448))];
        BulkStructReader reader = new(memory, addresses, 360);
        int count = 0;
        while (reader.MoveNext(out _, out ReadOnlySpan<byte> bytes))
        {
            count += bytes.IsEmpty ? 0 : 1;
        }

        Assert.Equal(1000, count);
        Assert.InRange(memory.Reads, 1, 10);
    }

    [Fact]
    public void Nothing_to_read_is_no_mistake() =>
        Assert.False(new BulkStructReader(new HoledMemory(4096), [], Size).MoveNext(out _, out _));

    /// <summary>Every 8 bytes hold their own address; every fifth page is missing.</summary>
    private sealed class HoledMemory(int size, bool hasHoles = true) : TargetMemory
    {
        public int Reads { get; private set; }

        public bool IsWhole(ulong address, int length)
        {
            for (ulong page = address / 4096; page <= (address + (ulong)length - 1) / 4096; page++)
            {
                if ((hasHoles && page % 5 == 0) || page * 4096 >= Base + (ulong)size)
                {
                    return false;
                }
            }

            return true;
        }

        public override int Read(TargetAddress address, Span<byte> destination)
        {
            Reads++;
            int count = 0;
            while (count < destination.Length && IsWhole(address.Value + (ulong)count, 1))
            {
                ulong word = (address.Value + (ulong)count) & ~7UL;
                destination[count] = (byte)(word >> (int)(8 * ((address.Value + (ulong)count) % 8)));
                count++;
            }

            return count;
        }
    }
}
