using Blindspot.Arch.X64;
using Blindspot.Image.Dwarf.Frames;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf.Frames;

public sealed class CallFrameStepperTests
{
    private const ulong Stack = 0x7fff_0000;

    [Fact]
    public void RestoresWhatTheRowTells()
    {
        // CFA = rsp + 32; rbp at -16, rbx at -24; r12 is in rax, r13 is CFA - 8.
        CallFrameRow row = Row(0x0e, 32, 0x86, 2, 0x83, 3, 0x09, 12, 0, 0x14, 13, 1, 0x07, 14);
        X64Registers registers = Registers();
        Assert.Equal(CallFrameStepResult.Stepped, Step(row, ref registers, out _));

        Assert.Equal(Stack + 32, registers.Sp.Value);
        Assert.Equal(Words(3), registers.Pc.Value); // at CFA - 8
        Assert.Equal(Words(2), Value(registers, X64Register.Rbp));
        Assert.Equal(Words(1), Value(registers, X64Register.Rbx));
        Assert.Equal(1000UL + (int)X64Register.Rax, Value(registers, X64Register.R12));
        Assert.Equal(Stack + 24, Value(registers, X64Register.R13));
        Assert.False(registers.IsKnown(X64Register.R14));
        Assert.Equal(1000UL + (int)X64Register.R15, Value(registers, X64Register.R15)); // untold, and the callee's to keep
        foreach (X64Register lost in (X64Register[])[X64Register.Rax, X64Register.Rcx, X64Register.Rdx, X64Register.Rsi, X64Register.Rdi, X64Register.R8, X64Register.R11])
        {
            Assert.False(registers.IsKnown(lost), $"{lost} was not saved");
        }
    }

    [Fact]
    public void AnUndefinedReturnAddressEndsTheStack()
    {
        X64Registers registers = Registers();
        Assert.Equal(CallFrameStepResult.EndOfStack, Step(Row(0x07, 16), ref registers, out _));
        Assert.Equal(Registers().Pc, registers.Pc);
    }

    [Fact]
    public void MemoryThatCannotBeReadIsNamed()
    {
        X64Registers registers = Registers();
        Assert.Equal(CallFrameStepResult.MemoryUnreadable, Step(Row(0x0e, 0x80, 0x40), ref registers, out TargetAddress at));
        Assert.Equal(Stack + 0x2000 - 8, at.Value);
        Assert.Equal(Registers().Sp, registers.Sp);
    }

    [Fact]
    public void OneReadThatFailsDoesNotSpoilTheOthers()
    {
        // The return address lies in the stack's last word; rbx would lie behind it.
        X64Registers registers = Registers();
        registers.Sp = new TargetAddress(Stack + 0x100);
        Assert.Equal(CallFrameStepResult.MemoryUnreadable, Step(Row(0x0e, 0, 0x11, 3, 0), ref registers, out TargetAddress at));
        Assert.Equal(Stack + 0x100, at.Value);
    }

    [Fact]
    public void ARegisterThatIsNotKnown()
    {
        X64Registers registers = Registers();
        registers.Forget(X64Register.Rbp);
        Assert.Equal(CallFrameStepResult.RegisterUnknown, Step(Row(0x0c, 6, 16), ref registers, out _));
        Assert.Equal(CallFrameStepResult.RegisterUnknown, Step(Row(0x0f, 2, 0x76, 0), ref registers, out _));

        // A caller's register that is in an unknown one is unknown, and no obstacle.
        Assert.Equal(CallFrameStepResult.Stepped, Step(Row(0x09, 3, 6), ref registers, out _));
        Assert.False(registers.IsKnown(X64Register.Rbx));
    }

    [Fact]
    public void ExpressionsForCfaAddressAndValue()
    {
        // As in the procedure linkage table: CFA = rsp + 8 + ((rip & 15) >= 11) * 8.
        CallFrameRow plt = Row(0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22);
        X64Registers registers = Registers();
        registers.Pc = new TargetAddress(0x100b);
        Assert.Equal(CallFrameStepResult.Stepped, Step(plt, ref registers, out _));
        Assert.Equal(Stack + 16, registers.Sp.Value);

        // A signal frame: everything at fixed places above rsp; rsp has a rule of its own.
        CallFrameRow signal = Row(0x0f, 3, 0x77, 0x10, 0x06, 0x10, 7, 2, 0x77, 0x18, 0x10, 16, 2, 0x77, 0x20, 0x16, 6, 2, 0x23, 2);
        registers = Registers();
        Assert.Equal(CallFrameStepResult.Stepped, Step(signal, ref registers, out _));
        Assert.Equal(Words(3), registers.Sp.Value);
        Assert.Equal(Words(4), registers.Pc.Value);
        Assert.Equal(Words(2) + 2, registers.Bp.Value); // the value expression begins with the CFA
    }

    [Fact]
    public void AddressesInExpressionsAreMovedWithTheModule()
    {
        CallFrameRow row = Row(0x0f, 9, 0x03, 0x00, 0x00, 0xff, 0x7f, 0, 0, 0, 0);
        X64Registers registers = Registers();
        Assert.Equal(CallFrameStepResult.Stepped, CallFrameStepper.Step(row, ref registers, Memory(), 0x40, out _));
        Assert.Equal(Stack + 0x40, registers.Sp.Value);
    }

    [Theory]
    [InlineData(new byte[] { 0x0f, 1, 0x9c })] // DW_OP_call_frame_cfa
    [InlineData(new byte[] { 0x0f, 3, 0x2f, 0xfd, 0xff })] // jumps to itself
    [InlineData(new byte[] { 0x0f, 0 })] // leaves nothing
    [InlineData(new byte[] { 0x08, 16 })] // the return address is the pc itself
    public void RowsThatCannotBeFollowed(byte[] instructions)
    {
        X64Registers registers = Registers();
        Assert.Equal(CallFrameStepResult.Malformed, Step(Row(instructions), ref registers, out _));
    }

    private static CallFrameRow Row(params byte[] instructions) => FrameForge.Row(FrameForge.Table(instructions), 0x1000);

    private static CallFrameStepResult Step(in CallFrameRow row, ref X64Registers registers, out TargetAddress failedAt) =>
        CallFrameStepper.Step(row, ref registers, Memory(), 0, out failedAt);

    private static ulong Words(int index) => 0x1111_0000UL + (ulong)index;

    private static BufferMemory Memory()
    {
        var words = new ByteForge();
        for (int i = 0; i < 32; i++)
        {
            words.UInt64(i == 2 ? Words(2) : Words(i));
        }

        return new BufferMemory(Stack, words.ToArray());
    }

    private static X64Registers Registers()
    {
        X64Registers registers = default;
        for (int i = 0; i < X64Registers.Count; i++)
        {
            registers.Set((X64Register)i, 1000UL + (ulong)i);
        }

        registers.Sp = new TargetAddress(Stack);
        return registers;
    }

    private static ulong Value(in X64Registers registers, X64Register register)
    {
        Assert.True(registers.TryGet(register, out ulong value), $"{register} is not known");
        return value;
    }
}
