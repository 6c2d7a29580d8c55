using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Unwind;

namespace Blindspot.Tests.Unwind;

/// <summary>Stacks and code made byte by byte: each way up, and each reason to stop.</summary>
public sealed class StackUnwinderTests
{
    private const ulong Code = 0x400000;
    private const ulong Stack = 0x7f0000000000;

    [Fact]
    public void Code_without_unwind_data_is_left_by_its_epilogue()
    {
        // cgo's crosscall1 behind its second call: six pops and a return.
        var target = new Forged();
        target.PutCode(0x100, 0x41, 0x5f, 0x41, 0x5e, 0x41, 0x5d, 0x41, 0x5c, 0x5d, 0x5b, 0xc3);
        ulong[] saved = [15, 14, 13, 12, 6, 3, Code + 0x200];
        target.PutStack(0, saved);
        var cursor = new StackCursor(target);
        cursor.Begin(X64Registers.Of(new TargetAddress(Code + 0x100), new TargetAddress(Stack)), isReturnAddress: true);

        Assert.True(EpilogueScan.TryStep(cursor));

        Assert.Equal(Code + 0x200, cursor.Registers.Pc.Value);
        Assert.Equal(Stack + 56, cursor.Registers.Sp.Value);
        Assert.Equal(FoundBy.Disassembly, cursor.FoundBy);
        foreach ((X64Register register, ulong value) in ((X64Register, ulong)[])
            [(X64Register.R15, 15), (X64Register.R14, 14), (X64Register.R13, 13), (X64Register.R12, 12), (X64Register.Rbp, 6), (X64Register.Rbx, 3)])
        {
            Assert.True(cursor.Registers.TryGet(register, out ulong restored));
            Assert.Equal(value, restored);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xeb, 0x10, 0xc3 })] // jmp
    [InlineData(new byte[] { 0x74, 0x01, 0xc3 })] // je
    [InlineData(new byte[] { 0x48, 0x83, 0xec, 0x08, 0xc3 })] // sub $8, %rsp
    [InlineData(new byte[] { 0x48, 0x89, 0xec, 0xc3 })] // mov %rbp, %rsp
    [InlineData(new byte[] { 0x06, 0xc3 })] // no instruction in 64-bit mode
    public void An_epilogue_that_is_not_straight_tells_nothing(byte[] code)
    {
        var target = new Forged();
        target.PutCode(0x100, code);
        target.PutStack(0, Code + 0x200, Code + 0x200);
        var cursor = new StackCursor(target);
        cursor.Begin(X64Registers.Of(new TargetAddress(Code + 0x100), new TargetAddress(Stack)), isReturnAddress: true);

        Assert.False(EpilogueScan.TryStep(cursor));

        Assert.Equal(Code + 0x100, cursor.Registers.Pc.Value);
    }

    [Fact]
    public void Frame_pointers_lead_up_and_the_end_says_why()
    {
        var target = new Forged();
        target.PutStack(0x00, Stack + 0x40, Code + 0x210);
        target.PutStack(0x40, Stack + 0x80, Code + 0x220);
        target.PutStack(0x80, 0, 0xdead);
        X64Registers registers = X64Registers.Of(new TargetAddress(Code + 0x200), new TargetAddress(Stack));
        registers.Bp = new TargetAddress(Stack);

        UnwoundStack stack = target.Unwind(registers);

        Assert.Equal([Code + 0x200, Code + 0x210, Code + 0x220], stack.Frames.Select(f => f.Address.Address.Value));
        Assert.Equal(StackEnd.NoUnwindInfo, stack.End);
        Assert.Equal([false, true, true], stack.Frames.Select(f => f.Address.IsReturnAddress));
    }

    [Fact]
    public void A_frame_pointer_that_leads_to_itself_is_no_endless_stack()
    {
        var target = new Forged();
        target.PutStack(0, Stack, Code + 0x210);
        X64Registers registers = X64Registers.Of(new TargetAddress(Code + 0x200), new TargetAddress(Stack));
        registers.Bp = new TargetAddress(Stack);

        UnwoundStack stack = target.Unwind(registers);

        Assert.Equal(2, stack.Frames.Count);
        Assert.NotEqual(StackEnd.Complete, stack.End);
    }

    [Fact]
    public void A_call_through_a_bad_pointer_is_left_by_its_return_address()
    {
        var target = new Forged();
        target.PutStack(0, Code + 0x210);

        UnwoundStack stack = target.Unwind(X64Registers.Of(new TargetAddress(0x10), new TargetAddress(Stack)));

        Assert.Equal([0x10, Code + 0x210], stack.Frames.Select(f => f.Address.Address.Value));
        Assert.Equal(FoundBy.ReturnAddress, stack.Frames[1].FoundBy);
    }

    [Theory]
    [InlineData(new byte[] { 0x48, 0xc7, 0xc0, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 })]
    [InlineData(new byte[] { 0xb8, 0x0f, 0x00, 0x00, 0x00, 0x0f, 0x05 })]
    public void A_signal_frame_gives_back_the_interrupted_registers(byte[] restorer)
    {
        var target = new Forged();
        target.PutCode(0x300, restorer);
        ulong[] context = new ulong[5 + 17];
        for (int i = 0; i < 17; i++)
        {
            context[5 + i] = (ulong)(100 + i);
        }

        context[5 + 15] = Stack + 0x800;
        context[5 + 16] = Code + 0x400;
        target.PutStack(0, context);

        UnwoundStack stack = target.Unwind(X64Registers.Of(new TargetAddress(Code + 0x300), new TargetAddress(Stack)));

        Assert.Equal(Code + 0x400, stack.Frames[1].Address.Address.Value);
        Assert.Equal(Stack + 0x800, stack.Frames[1].Sp.Value);
        Assert.False(stack.Frames[1].Address.IsReturnAddress);
        Assert.Equal(FoundBy.SignalFrame, stack.Frames[1].FoundBy);
        Assert.True(stack.Frames[0].IsSignalReturn);
    }

    [Fact]
    public void Nothing_that_stacks_hold_makes_a_walk_endless_or_throw()
    {
        for (int seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var target = new Forged();
            byte[] code = new byte[0x1000];
            random.NextBytes(code);
            target.PutCode(0, code);
            ulong[] words = new ulong[512];
            for (int i = 0; i < words.Length; i++)
            {
                words[i] = random.Next(3) switch
                {
                    0 => Code + (ulong)random.Next(0x1000),
                    1 => Stack + (ulong)(random.Next(512) * 8),
                    _ => (ulong)random.NextInt64(),
                };
            }

            target.PutStack(0, words);
            X64Registers registers = X64Registers.Of(new TargetAddress(Code + (ulong)random.Next(0x1000)), new TargetAddress(Stack));
            registers.Bp = new TargetAddress(Stack + (ulong)(random.Next(64) * 8));

            UnwoundStack stack = target.Unwind(registers);

            Assert.InRange(stack.Frames.Count, 1, Limits.Default.MaxFrames);
        }
    }

    // One module of plain bytes, and a stack of 4 KiB.
    private sealed class Forged : TargetMemory
    {
        private readonly byte[] _code = new byte[0x1000];
        private readonly byte[] _stack = new byte[0x1000];

        public void PutCode(int offset, params byte[] code) => code.CopyTo(_code, offset);

        public void PutStack(int offset, params ulong[] words)
        {
            for (int i = 0; i < words.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(_stack.AsSpan(offset + (i * 8)), words[i]);
            }
        }

        public UnwoundStack Unwind(X64Registers registers)
        {
            var module = new Module("/forged", Code, new TargetAddress(Code), new TargetAddress(Code + 0x1000))
            {
                ExecutableRanges = [(new TargetAddress(Code), new TargetAddress(Code + 0x1000))],
            };
            var unwinder = new StackUnwinder(new ModuleMap([module], module), new ModuleCallFrames(new GapLog()), this, null, Limits.Default);
            var stack = new UnwoundStack();
            unwinder.UnwindThread(new X64ThreadState(registers, -1, null, 0), TargetAddress.Zero, this, stack);
            return stack;
        }

        public override int Read(TargetAddress address, Span<byte> destination)
        {
            (byte[] bytes, ulong start) = address.Value >= Stack ? (_stack, Stack) : (_code, Code);
            ulong at = unchecked(address.Value - start);
            if (at >= (ulong)bytes.Length)
            {
                return 0;
            }

            int count = Math.Min(destination.Length, bytes.Length - (int)at);
            bytes.AsSpan((int)at, count).CopyTo(destination);
            return count;
        }
    }
}
