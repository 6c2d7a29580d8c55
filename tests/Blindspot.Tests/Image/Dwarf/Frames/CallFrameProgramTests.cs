using Blindspot.Arch.X64;
using Blindspot.Image.Dwarf.Frames;

namespace Blindspot.Tests.Image.Dwarf.Frames;

/// <summary>Each call frame instruction, by forged bytes.</summary>
public sealed class CallFrameProgramTests
{
    [Fact]
    public void RowsHoldFromTheirAddressOn()
    {
        CallFrameTable table = FrameForge.Table(
            0x41, 0x0e, 16, 0x86, 2, // +1: offset 16, rbp at -16
            0x02, 3, 0x0d, 6, // +4: rbp
            0x03, 0x10, 0, 0x0c, 7, 8, // +0x14: rsp + 8
            0x04, 0x20, 0, 0, 0, 0xc6); // +0x34: rbp as at first

        Assert.Equal(("Rsp", 8), Cfa(table, 0x1000));
        Assert.Equal(RegisterRuleKind.Unspecified, Rule(table, 0x1000, X64Register.Rbp).Kind);
        Assert.Equal(("Rsp", 16), Cfa(table, 0x1001));
        Assert.Equal((RegisterRuleKind.Offset, -16), Rule(table, 0x1003, X64Register.Rbp));
        Assert.Equal(("Rbp", 16), Cfa(table, 0x1004));
        Assert.Equal(("Rbp", 16), Cfa(table, 0x1013));
        Assert.Equal(("Rsp", 8), Cfa(table, 0x1014));
        Assert.Equal((RegisterRuleKind.Offset, -16), Rule(table, 0x1033, X64Register.Rbp));
        Assert.Equal(RegisterRuleKind.Unspecified, Rule(table, 0x1034, X64Register.Rbp).Kind);

        CallFrameRow row = FrameForge.Row(table, 0x1010);
        Assert.Equal((0x1004UL, 0x1014UL), (row.Start.Value, row.End.Value));
        Assert.Equal((0x1000UL, 0x1100UL), (row.FunctionStart.Value, row.FunctionEnd.Value));
        Assert.Equal(16, row.ReturnAddressRegister);
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(table, 0x1100));
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(table, 0xfff));
    }

    [Fact]
    public void StatesAreRememberedWithTheCfa()
    {
        CallFrameTable table = FrameForge.Table(
            0x0e, 32, 0x83, 3, 0x0a, // rbx at -24, remember
            0x41, 0x0a, 0x0e, 48, 0x07, 3, // remember again, rbx undefined
            0x41, 0x0b, // back to the second
            0x41, 0x0e, 64, 0x41, 0x0b); // and to the first

        Assert.Equal(RegisterRuleKind.Undefined, Rule(table, 0x1001, X64Register.Rbx).Kind);
        Assert.Equal(("Rsp", 48), Cfa(table, 0x1001));
        Assert.Equal(("Rsp", 32), Cfa(table, 0x1002));
        Assert.Equal(("Rsp", 64), Cfa(table, 0x1003));
        Assert.Equal(("Rsp", 32), Cfa(table, 0x1004));
        Assert.Equal((RegisterRuleKind.Offset, -24), Rule(table, 0x1004, X64Register.Rbx));
    }

    public static TheoryData<byte[], int, int> Rules => new()
    {
        { [0x05, 3, 5], (int)RegisterRuleKind.Offset, -40 }, // offset_extended
        { [0x11, 3, 0x7d], (int)RegisterRuleKind.Offset, 24 }, // offset_extended_sf
        { [0x2f, 3, 2], (int)RegisterRuleKind.Offset, 16 }, // GNU_negative_offset_extended
        { [0x14, 3, 2], (int)RegisterRuleKind.ValueOffset, -16 },
        { [0x15, 3, 0x7e], (int)RegisterRuleKind.ValueOffset, 16 },
        { [0x09, 3, 12], (int)RegisterRuleKind.Register, 12 },
        { [0x09, 3, 40], (int)RegisterRuleKind.Undefined, 0 }, // a register that is not followed
        { [0x07, 3], (int)RegisterRuleKind.Undefined, 0 },
        { [0x08, 3], (int)RegisterRuleKind.SameValue, 0 },
        { [0x05, 3, 5, 0x06, 3], (int)RegisterRuleKind.Unspecified, 0 }, // restore_extended
        { [0x05, 33, 5], (int)RegisterRuleKind.Unspecified, 0 }, // another register
        { [0x2e, 0x90, 0x01, 0x2d, 0x00, 0x83, 1], (int)RegisterRuleKind.Offset, -8 }, // args_size, window_save, nop
    };

    [Theory]
    [MemberData(nameof(Rules))]
    public void RulesOfARegister(byte[] instructions, int kind, int value)
    {
        Assert.Equal(((RegisterRuleKind)kind, value), Rule(FrameForge.Table(instructions), 0x1000, X64Register.Rbx));
    }

    [Fact]
    public void ExpressionsAreKeptAsTheyAre()
    {
        CallFrameTable table = FrameForge.Table(
            0x0f, 3, 0x77, 8, 0x06, // CFA: rsp + 8, dereferenced
            0x10, 3, 2, 0x77, 0x10, // rbx is saved at rsp + 16
            0x16, 6, 1, 0x35); // rbp is 5
        CallFrameRow row = FrameForge.Row(table, 0x1000);

        Assert.Equal(CfaRuleKind.Expression, row.CfaKind);
        Assert.Equal([0x77, 8, 0x06], row.CfaExpression.ToArray());
        Assert.Equal(RegisterRuleKind.Expression, row.RuleOf(X64Register.Rbx));
        Assert.Equal([0x77, 0x10], row.ExpressionOf(X64Register.Rbx).ToArray());
        Assert.Equal(RegisterRuleKind.ValueExpression, row.RuleOf(X64Register.Rbp));
        Assert.Equal([0x35], row.ExpressionOf(X64Register.Rbp).ToArray());
    }

    [Fact]
    public void FactoredCfaOffsets()
    {
        Assert.Equal(("Rbp", 24), Cfa(FrameForge.Table(0x12, 6, 0x7d), 0x1000)); // def_cfa_sf
        Assert.Equal(("Rsp", 40), Cfa(FrameForge.Table(0x13, 0x7b), 0x1000)); // def_cfa_offset_sf
    }

    [Fact]
    public void CodeAlignmentScalesAdvances()
    {
        var forge = new FrameForge();
        forge.EhFde(forge.EhCie(FrameForge.Entry, codeAlignment: 4), 0x1000, 0x100, 0x42, 0x0e, 24);
        Assert.Equal(("Rsp", 8), Cfa(forge.ToTable(), 0x1007));
        Assert.Equal(("Rsp", 24), Cfa(forge.ToTable(), 0x1008));
    }

    [Fact]
    public void SetLocationMovesToAnAddress()
    {
        byte[] instructions = [0x01, 0x20, 0x10, 0, 0, 0, 0, 0, 0, 0x0e, 24];
        Assert.Equal(("Rsp", 8), Cfa(FrameForge.Table(instructions), 0x101f));
        Assert.Equal(("Rsp", 24), Cfa(FrameForge.Table(instructions), 0x1020));
    }

    public static TheoryData<byte[]> Damaged => new()
    {
        { [0x3f] }, // not an instruction
        { [0x0b] }, // restores what was not remembered
        { [0x0c, 99, 8] }, // a CFA from a register that is not followed
        { [0x0e] }, // no operand
        { [0x10, 3, 60, 0x77] }, // an expression longer than the entry
        { [0x05, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f] }, // an offset of 2^56
        { [0x0f, 1, 0x30, 0x0e, 8] }, // an offset for a CFA without a register
        { [0x01, 0, 0, 0, 0, 0, 0, 0, 0] }, // back to 0
        { [.. Enumerable.Repeat((byte)0x0a, 100)] },
    };

    [Theory]
    [MemberData(nameof(Damaged))]
    public void DamagedInstructionsAreNotMissingOnes(byte[] instructions)
    {
        Assert.Equal(CallFrameLookup.Malformed, FrameForge.LookUp(FrameForge.Table(instructions), 0x1080));
    }

    [Fact]
    public void WhatComesBeforeTheDamageHolds()
    {
        CallFrameTable table = FrameForge.Table(0x50, 0x3f);
        Assert.Equal(("Rsp", 8), Cfa(table, 0x100f));
        Assert.Equal(CallFrameLookup.Malformed, FrameForge.LookUp(table, 0x1010));
    }

    [Fact]
    public void ARowWithoutACfaIsMalformed()
    {
        var forge = new FrameForge();
        forge.EhFde(forge.EhCie([]), 0x1000, 0x100);
        Assert.Equal(CallFrameLookup.Malformed, FrameForge.LookUp(forge.ToTable(), 0x1000));
    }

    private static (string, int) Cfa(CallFrameTable table, ulong pc)
    {
        CallFrameRow row = FrameForge.Row(table, pc);
        Assert.Equal(CfaRuleKind.RegisterOffset, row.CfaKind);
        return (row.CfaRegister.ToString(), row.CfaOffset);
    }

    private static (RegisterRuleKind Kind, int Value) Rule(CallFrameTable table, ulong pc, X64Register register)
    {
        CallFrameRow row = FrameForge.Row(table, pc);
        return (row.RuleOf(register), row.ValueOf(register));
    }
}
