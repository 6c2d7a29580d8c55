using Blindspot.Image.Dwarf.Expressions;

namespace Blindspot.Tests.Image.Dwarf.Expressions;

public sealed class DwarfExpressionEvaluatorTests
{
    private const ulong Minus1 = ulong.MaxValue;

    public static TheoryData<byte[], ulong> Values => new()
    {
        { [0x4f], 31 }, // lit31
        { [0x08, 0xff], 255 }, // const1u
        { [0x09, 0xff], Minus1 }, // const1s
        { [0x0a, 0xff, 0xff], 65535 },
        { [0x0b, 0xff, 0xff], Minus1 },
        { [0x0c, 0xff, 0xff, 0xff, 0xff], uint.MaxValue },
        { [0x0d, 0xff, 0xff, 0xff, 0xff], Minus1 },
        { [0x0e, 1, 2, 3, 4, 5, 6, 7, 8], 0x0807060504030201 },
        { [0x0f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Minus1 },
        { [0x10, 0x80, 0x01], 128 }, // constu
        { [0x11, 0x7f], Minus1 }, // consts
        { [0x03, 0x10, 0, 0, 0, 0, 0, 0, 0], 0x5010 }, // addr, with the bias
        { [0x73, 0x08], 308 }, // breg3 + 8
        { [0x73, 0x78], 292 }, // breg3 - 8
        { [0x92, 0x05, 0x02], 502 }, // bregx 5
        { [0x31, 0x32, 0x12, 0x22, 0x22], 5 }, // 1 2 dup plus plus
        { [0x31, 0x32, 0x13], 1 }, // drop
        { [0x31, 0x32, 0x14], 1 }, // over
        { [0x31, 0x32, 0x33, 0x15, 2], 1 }, // pick 2
        { [0x31, 0x33, 0x16, 0x1c], 2 }, // 1 3 swap minus
        { [0x31, 0x32, 0x33, 0x17, 0x13], 1 }, // 1 2 3 rot: 3 1 2, then drop
        { [0x31, 0x32, 0x33, 0x17, 0x13, 0x13], 3 },
        { [0x11, 0x7b, 0x19], 5 }, // abs(-5)
        { [0x35, 0x1f], unchecked((ulong)-5) }, // neg
        { [0x30, 0x20], Minus1 }, // not
        { [0x31, 0x23, 0x80, 0x01], 129 }, // plus_uconst
        { [0x3c, 0x3a, 0x1a], 8 }, // and
        { [0x3c, 0x3a, 0x21], 14 }, // or
        { [0x3c, 0x3a, 0x27], 6 }, // xor
        { [0x11, 0x79, 0x32, 0x1b], unchecked((ulong)-3) }, // -7 / 2
        { [0x11, 0x79, 0x11, 0x7f, 0x1b], 7 }, // -7 / -1
        { [0x0e, 0, 0, 0, 0, 0, 0, 0, 0x80, 0x11, 0x7f, 0x1b], 0x8000_0000_0000_0000 }, // the division that overflows
        { [0x37, 0x33, 0x1d], 1 }, // mod
        { [0x37, 0x33, 0x1e], 21 }, // mul
        { [0x31, 0x34, 0x24], 16 }, // shl
        { [0x31, 0x08, 64, 0x24], 0 }, // shl by 64
        { [0x11, 0x70, 0x32, 0x25], 0x3fff_ffff_ffff_fffc }, // shr
        { [0x11, 0x70, 0x32, 0x26], unchecked((ulong)-4) }, // shra
        { [0x11, 0x70, 0x08, 200, 0x26], Minus1 },
        { [0x33, 0x33, 0x29], 1 }, // eq
        { [0x11, 0x7f, 0x31, 0x2a], 0 }, // -1 >= 1, signed
        { [0x32, 0x31, 0x2b], 1 }, // gt
        { [0x11, 0x7f, 0x31, 0x2c], 1 }, // le
        { [0x32, 0x31, 0x2d], 0 }, // lt
        { [0x32, 0x31, 0x2e], 1 }, // ne
        { [0x31, 0x28, 1, 0, 0x39, 0x35], 5 }, // bra taken: skips lit9
        { [0x30, 0x28, 1, 0, 0x39, 0x35, 0x22], 14 }, // not taken; 0 is popped, 9 + 5
        { [0x2f, 1, 0, 0x39, 0x36], 6 }, // skip
        { [0x96, 0x31], 1 }, // nop
        { [0x0a, 0x00, 0x10, 0x06], 0x1000 }, // deref: memory holds its own addresses
        { [0x0a, 0x01, 0x10, 0x94, 1], 0x01 }, // deref_size 1
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Computes(byte[] expression, ulong expected)
    {
        Assert.Equal((ExpressionOutcome.Value, expected), Evaluate(expression, null));
    }

    [Fact]
    public void BeginsWithWhatItIsGiven()
    {
        Assert.Equal((ExpressionOutcome.Value, 0x7008UL), Evaluate([0x23, 8], 0x7000));
    }

    public static TheoryData<byte[]> Malformed => new()
    {
        { [] },
        { [0x13] }, // drops from an empty stack
        { [0x31, 0x16] }, // swaps one
        { [0x31, 0x32, 0x17] }, // rotates two
        { [0x31, 0x15, 1] }, // picks below the bottom
        { [0x31, 0x30, 0x1b] }, // divides by 0
        { [0x31, 0x30, 0x1d] },
        { [0x08] }, // no operand
        { [0x28, 0, 0] }, // branches on nothing
        { [0x2f, 0x10, 0] }, // jumps past the end
        { [0x2f, 0xf0, 0xff] }, // jumps before the start
        { [0x2f, 0xfd, 0xff] }, // for ever
        { [0x31, 0x2f, 0xfc, 0xff] }, // fills the stack
        { [0x9c] }, // call_frame_cfa
        { [0x50] }, // reg0: a place, no value
        { [0x9f] }, // stack_value
        { [0xff] },
        { [0x31, 0x94, 0] },
        { [0x31, 0x94, 9] },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void RefusesWhatIsMalformed(byte[] expression)
    {
        Assert.Equal(ExpressionOutcome.Malformed, Evaluate(expression, null).Outcome);
    }

    [Fact]
    public void SaysWhatItLacks()
    {
        var evaluator = new DwarfExpressionEvaluator<Context>([0x31, 0x06], default, 100);
        Assert.Equal(ExpressionOutcome.MemoryUnreadable, evaluator.Evaluate(null, out _));
        Assert.Equal(1UL, evaluator.Fault);
        evaluator = new DwarfExpressionEvaluator<Context>([0x8f, 0], default, 100);
        Assert.Equal(ExpressionOutcome.RegisterUnknown, evaluator.Evaluate(null, out _));
        Assert.Equal(31UL, evaluator.Fault);
    }

    [Fact]
    public void RandomBytesEndInAnOutcome()
    {
        var random = new Random(7);
        int values = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] expression = new byte[random.Next(1, 24)];
            random.NextBytes(expression);
            (ExpressionOutcome outcome, _) = Evaluate(expression, 0x1000);
            values += outcome == ExpressionOutcome.Value ? 1 : 0;
        }

        Assert.InRange(values, 1, 19_999);
    }

    private static (ExpressionOutcome Outcome, ulong Value) Evaluate(byte[] expression, ulong? initial)
    {
        var evaluator = new DwarfExpressionEvaluator<Context>(expression, default, 1000);
        return (evaluator.Evaluate(initial, out ulong value), value);
    }

    /// <summary>Register n holds 100 n, up to 16; from 0x1000 to 0x2000 each word of memory holds its address.</summary>
    private readonly struct Context : IExpressionContext
    {
        public ulong LoadBias => 0x5000;

        public bool TryReadRegister(ulong register, out ulong value)
        {
            value = register * 100;
            return register <= 16;
        }

        public bool TryReadMemory(ulong address, int size, out ulong value)
        {
            value = size == 8 ? address : address & ((1UL << (8 * size)) - 1);
            return address is >= 0x1000 and < 0x2000;
        }
    }
}
