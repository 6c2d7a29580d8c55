using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.Tests.Target.Live;

public sealed class StackCopiesTests
{
    /// <summary>Memory from 1000 to 3000 that holds one value everywhere, which can be changed.</summary>
    private sealed class Changing : TargetMemory
    {
        internal byte Value { get; set; } = 1;

        public override int Read(TargetAddress address, Span<byte> destination)
        {
            if (address.Value is < 1000 or >= 3000)
            {
                return 0;
            }

            int count = (int)Math.Min((ulong)destination.Length, 3000 - address.Value);
            destination[..count].Fill(Value);
            return count;
        }
    }

    private readonly Changing _below = new();
    private readonly StackCopies _copies;

    public StackCopiesTests()
    {
        _copies = new StackCopies(_below, new byte[1000]);
        _copies.Copy(
        [
            new ReadRequest(new TargetAddress(1200), 0, 100),
            new ReadRequest(new TargetAddress(1300), 100, 50),
            new ReadRequest(new TargetAddress(2950), 200, 100),
            new ReadRequest(new TargetAddress(5000), 300, 100),
        ]);
        _below.Value = 2;
    }

    [Fact]
    public void What_was_copied_stays_and_the_rest_is_as_it_is_now()
    {
        byte[] bytes = new byte[400];
        Assert.Equal(400, _copies.Read(new TargetAddress(1100), bytes));
        Assert.All(bytes[..100], value => Assert.Equal(2, value));
        Assert.All(bytes[100..250], value => Assert.Equal(1, value));
        Assert.All(bytes[250..], value => Assert.Equal(2, value));
    }

    [Fact]
    public void A_read_ends_where_neither_has_bytes()
    {
        byte[] bytes = new byte[200];
        Assert.Equal(60, _copies.Read(new TargetAddress(2940), bytes));
        Assert.Equal(2, bytes[9]);
        Assert.Equal(1, bytes[10]);
        Assert.Equal(0, _copies.Read(new TargetAddress(5000), bytes));
    }

    [Fact]
    public void Many_reads_equal_single_ones()
    {
        Random random = new(7);
        ReadRequest[] requests = new ReadRequest[500];
        for (int i = 0; i < requests.Length; i++)
        {
            requests[i] = new ReadRequest(new TargetAddress((ulong)random.Next(900, 3200)), i * 64, random.Next(0, 64));
        }

        byte[] buffer = new byte[requests.Length * 64];
        _copies.ReadMany(requests, buffer);
        byte[] single = new byte[64];
        foreach (ReadRequest request in requests)
        {
            int count = _copies.Read(request.Address, single.AsSpan(0, request.Length));
            Assert.Equal(count, request.BytesRead);
            Assert.Equal(single[..count], buffer[request.BufferOffset..(request.BufferOffset + count)]);
        }
    }
}
