using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Unwind;

namespace Blindspot.Tests.Unwind;

/// <summary>Frames of functions without unwind data or symbols, by their code alone.</summary>
public sealed class CodeFramesTests
{
    private const ulong Code = 0x400000;
    private const ulong Stack = 0x7f0000000000;
    private const int Caller = 0x800;

    /// <summary>Behind a call to a function at 0x100.</summary>
    private const ulong ReturnAddress = Code + Caller + 5;

    [Fact]
    public void A_branch_on_the_way_to_the_return_is_followed()
    {
        // test %eax,%eax; je +3; ud2; nop; add $0x18,%rsp; pop %rbx; pop %rbp; ret
        var target = new Forged();
        target.PutCode(0x120, 0x85, 0xc0, 0x74, 0x03, 0x0f, 0x0b, 0x90, 0x48, 0x83, 0xc4, 0x18, 0x5b, 0x5d, 0xc3);
        target.PutCall(Caller, 0x100);
        target.PutStack(0, 1, 2, 3, 44, 55, ReturnAddress);
        StackCursor cursor = target.At(0x120);

        Assert.True(target.Frames.TryStep(cursor));

        Assert.Equal(ReturnAddress, cursor.Registers.Pc.Value);
        Assert.Equal(Stack + 48, cursor.Registers.Sp.Value);
        Assert.Equal((44UL, 55UL), (Known(cursor, X64Register.Rbx), Known(cursor, X64Register.Rbp)));
        Assert.Equal(FoundBy.Disassembly, cursor.FoundBy);
    }

    [Fact]
    public void What_was_pushed_on_the_way_is_no_register_of_the_caller()
    {
        // jmp +0; push $0x10; pop %rbx; pop %rbp; ret
        var target = new Forged();
        target.PutCode(0x120, 0xeb, 0x00, 0x6a, 0x10, 0x5b, 0x5d, 0xc3);
        target.PutCall(Caller, 0x100);
        target.PutStack(0, 55, ReturnAddress);
        StackCursor cursor = target.At(0x120);
        cursor.Registers.Set(X64Register.Rbx, 7);

        Assert.True(target.Frames.TryStep(cursor));

        Assert.False(cursor.Registers.IsKnown(X64Register.Rbx));
        Assert.Equal(55UL, Known(cursor, X64Register.Rbp));
    }

    [Fact]
    public void A_frame_of_unknown_size_is_left_by_the_frame_pointer()
    {
        // je +0; lea -8(%rbp),%rsp; pop %rbx; pop %rbp; ret
        var target = new Forged();
        target.PutCode(0x120, 0x74, 0x00, 0x48, 0x8d, 0x65, 0xf8, 0x5b, 0x5d, 0xc3);
        target.PutCall(Caller, 0x100);
        target.PutStack(0x200, 44, 55, ReturnAddress);
        StackCursor cursor = target.At(0x120);
        cursor.Registers.Set(X64Register.Rbp, Stack + 0x208);

        Assert.True(target.Frames.TryStep(cursor));

        Assert.Equal(Stack + 0x218, cursor.Registers.Sp.Value);
        Assert.Equal((44UL, 55UL), (Known(cursor, X64Register.Rbx), Known(cursor, X64Register.Rbp)));
    }

    [Fact]
    public void A_word_that_lies_behind_no_call_is_no_return_address()
    {
        var target = new Forged();
        target.PutCode(0x120, 0x74, 0x00, 0xc3);
        target.PutStack(0, ReturnAddress);
        StackCursor cursor = target.At(0x120);

        Assert.False(target.Frames.TryStep(cursor));
        Assert.Equal(Code + 0x120, cursor.Registers.Pc.Value);
    }

    [Fact]
    public void A_function_that_never_returns_is_left_by_its_guessed_start()
    {
        // push %rbp; push %rbx; sub $8,%rsp; call *(%rbx); then round and round.
        var target = new Forged();
        target.PutCode(0x100, 0x55, 0x53, 0x48, 0x83, 0xec, 0x08, 0xff, 0x13, 0xeb, 0xfe);
        target.PutCall(Caller, 0x100);
        target.PutStack(0, 0, 44, 0, ReturnAddress);
        StackCursor cursor = target.At(0x108);

        Assert.True(target.Frames.TryStep(cursor));

        Assert.Equal(ReturnAddress, cursor.Registers.Pc.Value);
        Assert.Equal((44UL, 0UL), (Known(cursor, X64Register.Rbx), Known(cursor, X64Register.Rbp)));
        Assert.Equal(FoundBy.Search, cursor.FoundBy);
    }

    [Fact]
    public void A_guessed_start_that_the_call_does_not_name_is_not_taken()
    {
        var target = new Forged();
        target.PutCode(0x100, 0x55, 0x53, 0x48, 0x83, 0xec, 0x08, 0xff, 0x13, 0xeb, 0xfe);
        target.PutCall(Caller, 0x300);
        target.PutStack(0, 0, 44, 0, ReturnAddress);

        Assert.False(target.Frames.TryStep(target.At(0x108)));
    }

    [Theory]
    [InlineData(0UL, true)]
    [InlineData(1UL, false)]
    public void The_code_that_ends_a_thread_is_the_end_if_rbp_says_so(ulong bp, bool isEnd)
    {
        // musl's __clone behind its call: mov %eax,%edi; xor %eax,%eax; mov $0x3c,%al; syscall; hlt
        var target = new Forged();
        target.PutCode(0x120, 0x89, 0xc7, 0x31, 0xc0, 0xb0, 0x3c, 0x0f, 0x05, 0xf4, 0xc3);
        target.PutStack(0, ReturnAddress);
        target.PutCall(Caller, 0x100);
        StackCursor cursor = target.At(0x120);
        cursor.Registers.Set(X64Register.Rbp, bp);

        Assert.False(target.Frames.TryStep(cursor));
        Assert.Equal(isEnd, CodeFrames.IsOutermost(cursor));
    }

    private static ulong Known(StackCursor cursor, X64Register register)
    {
        Assert.True(cursor.Registers.TryGet(register, out ulong value));
        return value;
    }

    // One module of plain bytes, and a stack of 4 KiB.
    private sealed class Forged : TargetMemory
    {
        private readonly byte[] _code = new byte[0x1000];
        private readonly byte[] _stack = new byte[0x1000];
        private readonly Module _module = new("/forged", Code, new TargetAddress(Code), new TargetAddress(Code + 0x1000))
        {
            ExecutableRanges = [(new TargetAddress(Code), new TargetAddress(Code + 0x1000))],
        };

        public Forged()
        {
            // What is not put there is no instruction in 64-bit mode.
            Array.Fill(_code, (byte)0x06);
            Frames = new CodeFrames(new ModuleMap([_module], _module));
        }

        public CodeFrames Frames { get; }

        public void PutCode(int offset, params byte[] code) => code.CopyTo(_code, offset);

        public void PutCall(int offset, int function)
        {
            _code[offset] = 0xe8;
            BinaryPrimitives.WriteInt32LittleEndian(_code.AsSpan(offset + 1), function - (offset + 5));
        }

        public void PutStack(int offset, params ulong[] words)
        {
            for (int i = 0; i < words.Length; i++)
            {
                BinaryPrimitives.WriteUInt64LittleEndian(_stack.AsSpan(offset + (i * 8)), words[i]);
            }
        }

        /// <summary>At a return address, with the stack pointer at the stack's first word.</summary>
        public StackCursor At(ulong offset)
        {
            var cursor = new StackCursor(this);
            cursor.Begin(X64Registers.Of(new TargetAddress(Code + offset), new TargetAddress(Stack)), isReturnAddress: true);
            cursor.Module = _module;
            return cursor;
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
