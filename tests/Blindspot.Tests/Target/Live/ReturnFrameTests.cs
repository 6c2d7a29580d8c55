using System.Buffers.Binary;
using Blindspot.Interop;
using Blindspot.Target.Live;

namespace Blindspot.Tests.Target.Live;

public sealed class ReturnFrameTests
{
    private const ulong Restorer = 0x7f0000001000;
    private const ulong Mask = 0x1234;

    private static readonly UserRegisters s_registers = new()
    {
        R8 = 8,
        R9 = 9,
        R10 = 10,
        R11 = 11,
        R12 = 12,
        R13 = 13,
        R14 = 14,
        R15 = 15,
        Rdi = 1,
        Rsi = 2,
        Rbp = 3,
        Rbx = 4,
        Rdx = 5,
        Rcx = 6,
        Rax = unchecked((ulong)-512),
        OriginalRax = 202,
        Rip = 0x401002,
        Rsp = 0x7ffc00010007,
        Flags = 0x246,
        Cs = 0x33,
        Ss = 0x2b,
    };

    [Fact]
    public void A_thread_that_returns_into_it_is_back_with_its_system_call_to_be_begun()
    {
        ReturnFrame frame = new();
        Assert.True(frame.TryBuild(s_registers, s_registers.Rsp, Mask, RegisterSet(576), Restorer));

        ReadOnlySpan<byte> bytes = frame.Bytes;
        Assert.Equal(Restorer, Word(bytes, 0));

        // struct ucontext is behind the return address: flags, link, stack_t, then struct sigcontext and the mask.
        Assert.Equal(7u, BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]));
        ulong[] expected = [8, 9, 10, 11, 12, 13, 14, 15, 1, 2, 3, 4, 5, 202, 6, 0x7ffc00010007, 0x401000, 0x246];
        for (int i = 0; i < expected.Length; i++)
        {
            Assert.Equal(expected[i], Word(bytes, 48 + i * 8));
        }

        Assert.Equal(0x002b_0000_0000_0033UL, Word(bytes, 48 + 144));
        Assert.Equal(Mask, Word(bytes, 48 + 256));
    }

    [Fact]
    public void It_lies_below_the_red_zone_with_the_extended_registers_aligned()
    {
        ReturnFrame frame = new();
        Assert.True(frame.TryBuild(s_registers, s_registers.Rsp, Mask, RegisterSet(576), Restorer));

        Assert.Equal(0UL, frame.Start % 16);
        Assert.True(frame.Start + (ulong)frame.Bytes.Length <= s_registers.Rsp - 128);
        Assert.True(s_registers.Rsp - frame.Start <= ReturnFrame.MaxDepth);
        ulong state = Word(frame.Bytes, 48 + 184);
        Assert.Equal(0UL, state % 64);
        Assert.True(frame.AnswerStart >= frame.Start + 312 && frame.AnswerStart + ReturnFrame.AnswerBytes <= state);
    }

    [Fact]
    public void The_alternate_stack_is_left_as_it_is()
    {
        ReturnFrame frame = new();
        Assert.True(frame.TryBuild(s_registers, s_registers.Rsp, Mask, RegisterSet(576), Restorer));

        // The kernel takes 0, SS_ONSTACK (1) and SS_DISABLE (2), and leaves all as it is for others.
        Assert.Equal(4u, BinaryPrimitives.ReadUInt32LittleEndian(frame.Bytes[(8 + 16 + 8)..]));
    }

    [Fact]
    public void Extended_registers_carry_the_marks_that_the_kernel_looks_for()
    {
        Span<byte> framed = new byte[ExtendedState.MaxBytes];
        byte[] set = RegisterSet(1024, features: 7, inUse: 3);
        set[100] = 0x5a;
        Assert.True(ExtendedState.TryFrame(set, framed, feature => feature == 2 ? 832 : 0, out int length));

        Assert.Equal(836, length);
        Assert.Equal(0x5a, framed[100]);
        Assert.Equal(0x46505853u, BinaryPrimitives.ReadUInt32LittleEndian(framed[464..]));
        Assert.Equal(836u, BinaryPrimitives.ReadUInt32LittleEndian(framed[468..]));
        Assert.Equal(7UL, Word(framed, 472));
        Assert.Equal(832u, BinaryPrimitives.ReadUInt32LittleEndian(framed[480..]));
        Assert.Equal(0x46505845u, BinaryPrimitives.ReadUInt32LittleEndian(framed[832..]));
    }

    /// <summary>The matrix registers: left out where they are not in use, else the thread is not one to ask.</summary>
    [Theory]
    [InlineData(0x60007UL, 0x3UL, true)]
    [InlineData(0x60007UL, 0x40003UL, false)]
    [InlineData(0x7UL, 0x8UL, false)]
    public void Matrix_registers_do_not_fit(ulong features, ulong inUse, bool expected)
    {
        Span<byte> framed = new byte[ExtendedState.MaxBytes];
        bool fits = ExtendedState.TryFrame(RegisterSet(11008, features, inUse), framed, feature => feature == 2 ? 832 : 11008, out int length);
        Assert.Equal(expected, fits);
        Assert.Equal(expected ? 836 : 0, length);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(575)]
    [InlineData(831)]
    public void A_set_that_is_cut_short_is_refused(int length)
    {
        Span<byte> framed = new byte[ExtendedState.MaxBytes];
        byte[] set = length < 576 ? new byte[length] : RegisterSet(length, features: 7, inUse: 3);
        Assert.False(ExtendedState.TryFrame(set, framed, _ => 832, out _));
    }

    private static byte[] RegisterSet(int length, ulong features = 3, ulong inUse = 3)
    {
        byte[] set = new byte[length];
        BinaryPrimitives.WriteUInt64LittleEndian(set.AsSpan(464), features);
        BinaryPrimitives.WriteUInt64LittleEndian(set.AsSpan(512), inUse);
        return set;
    }

    private static ulong Word(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
}
