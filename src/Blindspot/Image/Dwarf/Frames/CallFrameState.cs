using System.Runtime.CompilerServices;
using Blindspot.Arch.X64;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// The rules of one row. A rule's value is an offset from the CFA in bytes, a register's number, or where in the
/// section an expression's block (its length in ULEB128, then its bytes) begins.
/// </summary>
internal struct CallFrameState
{
    public CfaRuleKind CfaKind;
    public byte CfaRegister;
    public int CfaValue;
    private Kinds _kinds;
    private Values _values;

    public readonly RegisterRuleKind KindOf(int register) => _kinds[register];

    public readonly int ValueOf(int register) => _values[register];

    public void Set(int register, RegisterRuleKind kind, int value)
    {
        _kinds[register] = kind;
        _values[register] = value;
    }

    [InlineArray(X64Registers.Count)]
    private struct Kinds
    {
        private RegisterRuleKind _first;
    }

    [InlineArray(X64Registers.Count)]
    private struct Values
    {
        private int _first;
    }
}
