using Blindspot.Analysis.Signals;
using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Blindspot.Tests.Analysis.Signals;

public sealed class CodeInterpreterTests
{
    private const ulong Variable = 0x10_000;

    [Fact]
    public void ValuesGoThroughRegistersAndTheStack()
    {
        CodeInterpreter after = Run(code =>
        {
            code.push(rbp);
            code.mov(rbp, rsp);
            code.sub(rsp, 0x20);
            code.mov(__dword_ptr[rbp - 0x14], edi);
            code.movsxd(rax, __dword_ptr[rbp - 0x14]);
            code.imul(rax, rax, 3);
            code.leave();
        });
        Assert.Equal(27UL * 3, after[Register.RAX]);
        Assert.Equal(InterpretedMemory.StackTop, after[Register.RSP]);
    }

    [Fact]
    public void AVariableOfTheTargetIsReadAndNeverWritten()
    {
        CodeInterpreter after = Run(code =>
        {
            code.mov(rcx, Variable);
            code.mov(rax, __[rcx]);
            code.inc(rax);
            code.mov(__[rcx], rax);
            code.mov(rdx, __[rcx]);
        });
        Assert.Equal(42UL, after[Register.RDX]);
        Assert.Equal(41UL, new InterpretedMemory(new OneWord(), ModuleMap.Empty).Read(Variable, 8));
    }

    [Fact]
    public void WhatIsNotKnownStaysUnknownThroughAllThatUsesIt()
    {
        CodeInterpreter after = Run(code =>
        {
            code.add(rax, 1);
            code.lea(rcx, __[rax + (rdi * 8)]);
            code.mov(rdx, __[rcx]);
            code.xor(r8d, r8d);
            code.and(r9, 0);
            code.cmp(rax, 0);
        });
        Assert.Null(after[Register.RAX]);
        Assert.Null(after[Register.RCX]);
        Assert.Null(after[Register.RDX]);
        Assert.Equal(0UL, after[Register.R8]);
        Assert.Equal(0UL, after[Register.R9]);
        Assert.Null(after.Holds(ConditionCode.e));
    }

    [Theory]
    [InlineData(5, 5)]
    [InlineData(4, 5)]
    [InlineData(-1, 1)]
    [InlineData(1, -1)]
    [InlineData(int.MinValue, 1)]
    [InlineData(int.MaxValue, -1)]
    public void ConditionsAreThoseOfTheProcessor(int left, int right)
    {
        CodeInterpreter after = Run(code =>
        {
            code.mov(ecx, left);
            code.cmp(ecx, right);
        });
        Assert.Equal(left == right, after.Holds(ConditionCode.e));
        Assert.Equal(left < right, after.Holds(ConditionCode.l));
        Assert.Equal(left >= right, after.Holds(ConditionCode.ge));
        Assert.Equal(left > right, after.Holds(ConditionCode.g));
        Assert.Equal((uint)left < (uint)right, after.Holds(ConditionCode.b));
        Assert.Equal((uint)left > (uint)right, after.Holds(ConditionCode.a));
        Assert.Equal((uint)left <= (uint)right, after.Holds(ConditionCode.be));
    }

    [Fact]
    public void AStructureIsCopiedByVectorsAndByRepeats()
    {
        CodeInterpreter after = Run(code =>
        {
            code.mov(rcx, Variable);
            code.movdqu(xmm0, __xmmword_ptr[rcx]);
            code.sub(rsp, 0x40);
            code.movups(__xmmword_ptr[rsp], xmm0);
            code.mov(rsi, rsp);
            code.lea(rdi, __[rsp + 0x20]);
            code.mov(ecx, 1);
            code.rep.movsq();
            code.mov(rax, __[rsp + 0x20]);
        });
        Assert.Equal(41UL, after[Register.RAX]);
        Assert.Equal(0UL, after[Register.RCX]);
    }

    [Fact]
    public void AForkDoesNotChangeWhatItCameFrom()
    {
        CodeInterpreter original = Run(code => code.push(rdi));
        CodeInterpreter fork = original.Clone();
        fork.Pop();
        fork.Push(1);
        Assert.Equal(27UL, original.Pop());
    }

    private static CodeInterpreter Run(Action<Assembler> write)
    {
        var code = new Assembler(64);
        write(code);
        using var bytes = new MemoryStream();
        code.Assemble(new StreamCodeWriter(bytes), 0x1000);
        var interpreter = new CodeInterpreter(new InterpretedMemory(new OneWord(), ModuleMap.Empty), new InstructionInfoFactory()) { [Register.RDI] = 27 };
        var decoder = Decoder.Create(64, new ByteArrayCodeReader(bytes.ToArray()), 0x1000);
        while (decoder.IP < 0x1000 + (ulong)bytes.Length)
        {
            interpreter.Apply(decoder.Decode());
        }

        return interpreter;
    }

    private sealed class OneWord : TargetMemory
    {
        public override int Read(TargetAddress address, Span<byte> destination)
        {
            byte[] all = [41, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
            if (address.Value is < Variable or >= Variable + 16)
            {
                return 0;
            }

            ReadOnlySpan<byte> rest = all.AsSpan((int)(address.Value - Variable));
            int count = Math.Min(rest.Length, destination.Length);
            rest[..count].CopyTo(destination);
            return count;
        }
    }
}
