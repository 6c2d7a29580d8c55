using System.Runtime.CompilerServices;
using Blindspot.Primitives;

namespace Blindspot.Arch.X64;

/// <summary>The values of those registers that are known at one point of a stack. A register that is not known has no value, rather than zero.</summary>
public struct X64Registers : IEquatable<X64Registers>
{
    /// <summary>How many registers the unwinder follows.</summary>
    public const int Count = 17;

    private Values _values;
    private uint _known;

    /// <summary>A bit per DWARF register number.</summary>
    public readonly uint KnownMask => _known;

    public TargetAddress Pc
    {
        readonly get => new(_values[(int)X64Register.Rip]);
        set => Set(X64Register.Rip, value.Value);
    }

    public TargetAddress Sp
    {
        readonly get => new(_values[(int)X64Register.Rsp]);
        set => Set(X64Register.Rsp, value.Value);
    }

    public TargetAddress Bp
    {
        readonly get => new(_values[(int)X64Register.Rbp]);
        set => Set(X64Register.Rbp, value.Value);
    }

    public readonly bool IsKnown(X64Register register) => (_known & (1u << (int)register)) != 0;

    public readonly bool TryGet(X64Register register, out ulong value)
    {
        if ((uint)register < Count && IsKnown(register))
        {
            value = _values[(int)register];
            return true;
        }

        value = 0;
        return false;
    }

    public void Set(X64Register register, ulong value)
    {
        _values[(int)register] = value;
        _known |= 1u << (int)register;
    }

    public void Forget(X64Register register)
    {
        _values[(int)register] = 0;
        _known &= ~(1u << (int)register);
    }

    public static X64Registers Of(TargetAddress pc, TargetAddress sp)
    {
        X64Registers registers = default;
        registers.Pc = pc;
        registers.Sp = sp;
        return registers;
    }

    public readonly bool Equals(X64Registers other) => _known == other._known && ((ReadOnlySpan<ulong>)_values).SequenceEqual(other._values);

    public static bool operator ==(X64Registers left, X64Registers right) => left.Equals(right);

    public static bool operator !=(X64Registers left, X64Registers right) => !left.Equals(right);

    public override readonly bool Equals(object? obj) => obj is X64Registers other && Equals(other);

    public override readonly int GetHashCode() => HashCode.Combine(_known, Pc, Sp);

    [InlineArray(Count)]
    private struct Values
    {
        private ulong _first;
    }
}
