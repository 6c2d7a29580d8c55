using Blindspot.Arch.X64;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>How to find the caller's registers at one program counter.</summary>
public readonly struct CallFrameRow
{
    private readonly CallFrameState _state;
    private readonly ReadOnlyMemory<byte> _section;

    internal CallFrameRow(in CallFrameState state, ReadOnlyMemory<byte> section, in FrameDescription description, ulong start, ulong end)
    {
        _state = state;
        _section = section;
        FunctionStart = new ImageOffset(description.Start);
        FunctionEnd = new ImageOffset(description.End);
        Start = new ImageOffset(start);
        End = new ImageOffset(end);
        ReturnAddressRegister = description.Cie.ReturnAddressRegister;
        IsSignalFrame = description.Cie.IsSignalFrame;
    }

    /// <summary>First address of the code that this row's frame description covers.</summary>
    public ImageOffset FunctionStart { get; }

    public ImageOffset FunctionEnd { get; }

    /// <summary>First address for which the row holds.</summary>
    public ImageOffset Start { get; }

    public ImageOffset End { get; }

    /// <summary>
    /// The frame was made by a signal's delivery (augmentation 'S'): the caller's pc is the very instruction that was
    /// interrupted and no return address.
    /// </summary>
    public bool IsSignalFrame { get; }

    /// <summary>The register, or pseudo register, whose rule gives the caller's pc. On x86-64 normally 16.</summary>
    public byte ReturnAddressRegister { get; }

    public CfaRuleKind CfaKind => _state.CfaKind;

    /// <summary>With <see cref="CfaRuleKind.RegisterOffset"/>.</summary>
    public X64Register CfaRegister => (X64Register)_state.CfaRegister;

    /// <summary>With <see cref="CfaRuleKind.RegisterOffset"/>: bytes to add to the register.</summary>
    public int CfaOffset => _state.CfaValue;

    /// <summary>With <see cref="CfaRuleKind.Expression"/>.</summary>
    public ReadOnlySpan<byte> CfaExpression => Block(_state.CfaValue);

    public RegisterRuleKind RuleOf(X64Register register) => _state.KindOf((int)register);

    /// <summary>N of the rules <see cref="RegisterRuleKind.Offset"/> and <see cref="RegisterRuleKind.ValueOffset"/>; the number of the other register of <see cref="RegisterRuleKind.Register"/>.</summary>
    public int ValueOf(X64Register register) => _state.ValueOf((int)register);

    /// <summary>The expression of the rules that have one.</summary>
    public ReadOnlySpan<byte> ExpressionOf(X64Register register) => Block(_state.ValueOf((int)register));

    /// <summary>The block was read through once when the row was made, so that it is there.</summary>
    private ReadOnlySpan<byte> Block(int offset)
    {
        var reader = new ByteReader(_section.Span, ".eh_frame", offset);
        return reader.ReadBytes((long)reader.ReadUleb128());
    }
}
