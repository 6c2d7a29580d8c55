using Blindspot.Arch.X64;

namespace Blindspot.Model;

/// <summary>Pc, sp and, where it is known, bp of a parked task, in the space of three words: there may be 100,000 tasks.</summary>
internal readonly record struct SavedRegisters
{
    private readonly ulong _pc;
    private readonly ulong _sp;
    private readonly ulong _bp;
    private readonly bool _hasBp;
    private readonly bool _isKnown;

    public SavedRegisters(in X64Registers registers)
    {
        _pc = registers.Pc.Value;
        _sp = registers.Sp.Value;
        _hasBp = registers.TryGet(X64Register.Rbp, out _bp);
        _isKnown = true;
    }

    public X64Registers? Expand()
    {
        if (!_isKnown)
        {
            return null;
        }

        X64Registers registers = X64Registers.Of(new(_pc), new(_sp));
        if (_hasBp)
        {
            registers.Set(X64Register.Rbp, _bp);
        }

        return registers;
    }
}
