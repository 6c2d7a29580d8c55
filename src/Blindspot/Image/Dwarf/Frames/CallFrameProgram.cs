using Blindspot.Arch.X64;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// Runs call frame instructions (DWARF 5, section 6.4.2) row by row: each <see cref="MoveNext"/> stops where the next
/// row begins, with <see cref="State"/> holding the rules for the addresses from <see cref="RowStart"/> up to
/// <see cref="RowEnd"/>.
/// </summary>
internal ref struct CallFrameProgram
{
    private const int MaxSavedStates = 64;

    public CallFrameState State;

    private readonly CommonInformationEntry _cie;
    private readonly PointerBases _bases;
    private readonly ulong _end;
    private readonly bool _isInitial;
    private ByteReader _reader;
    private CallFrameState[]? _saved;
    private int _savedCount;
    private ulong _location;
    private ulong _next;
    private bool _ended;

    /// <param name="reader">Over the section up to where the instructions end, positioned where they begin.</param>
    /// <param name="cie">Its factors, and its initial rules unless <paramref name="isInitial"/>.</param>
    /// <param name="start">First address that the instructions describe.</param>
    /// <param name="end">First address behind them.</param>
    /// <param name="bases">For DW_CFA_set_loc.</param>
    /// <param name="isInitial">These are the CIE's own instructions.</param>
    public CallFrameProgram(ByteReader reader, CommonInformationEntry cie, ulong start, ulong end, scoped in PointerBases bases, bool isInitial)
    {
        _reader = reader;
        _cie = cie;
        _bases = bases;
        _end = end;
        _isInitial = isInitial;
        _location = start;
        _next = start;
        if (!isInitial)
        {
            State = cie.Initial;
        }
    }

    public ulong RowStart { readonly get; private set; }

    public ulong RowEnd { readonly get; private set; }

    /// <summary>False once the instructions are at their end.</summary>
    public bool MoveNext()
    {
        if (_ended)
        {
            return false;
        }

        RowStart = _location = _next;
        while (!_reader.AtEnd)
        {
            Execute();
            if (_next != _location)
            {
                if (_next < _location)
                {
                    _reader.ThrowMalformed("rows are not in order of address");
                }

                if (_next >= _end)
                {
                    break;
                }

                RowEnd = _next;
                return true;
            }
        }

        _ended = true;
        RowEnd = _end;
        return true;
    }

    private void Execute()
    {
        byte opcode = _reader.ReadByte();
        int operand = opcode & 0x3f;
        switch (opcode >> 6)
        {
            case 1:
                Advance((uint)operand);
                return;
            case 2:
                SetFactored(operand, RegisterRuleKind.Offset, _reader.ReadUleb128());
                return;
            case 3:
                Restore(operand);
                return;
            default:
                ExecuteExtended(opcode);
                return;
        }
    }

    private void ExecuteExtended(byte opcode)
    {
        switch (opcode)
        {
            case 0x00: // DW_CFA_nop
                break;
            case 0x01: // DW_CFA_set_loc
                _reader.Skip(_cie.SegmentSelectorSize);
                _next = _cie.AddressEncoding.Read(ref _reader, _bases);
                break;
            case 0x02: // DW_CFA_advance_loc1
                Advance(_reader.ReadByte());
                break;
            case 0x03: // DW_CFA_advance_loc2
                Advance(_reader.ReadUInt16());
                break;
            case 0x04: // DW_CFA_advance_loc4
                Advance(_reader.ReadUInt32());
                break;
            case 0x1d: // DW_CFA_MIPS_advance_loc8
                Advance(_reader.ReadUInt64());
                break;
            case 0x05: // DW_CFA_offset_extended
                SetFactored(ReadRegister(), RegisterRuleKind.Offset, _reader.ReadUleb128());
                break;
            case 0x06: // DW_CFA_restore_extended
                Restore(ReadRegister());
                break;
            case 0x07: // DW_CFA_undefined
                Set(ReadRegister(), RegisterRuleKind.Undefined, 0);
                break;
            case 0x08: // DW_CFA_same_value
                Set(ReadRegister(), RegisterRuleKind.SameValue, 0);
                break;
            case 0x09: // DW_CFA_register
                SetToRegister(ReadRegister(), ReadRegister());
                break;
            case 0x0a: // DW_CFA_remember_state
                Remember();
                break;
            case 0x0b: // DW_CFA_restore_state
                Recall();
                break;
            case 0x0c: // DW_CFA_def_cfa
                SetCfa(ReadRegister(), Offset((long)_reader.ReadUleb128(), 1));
                break;
            case 0x0d: // DW_CFA_def_cfa_register
                SetCfa(ReadRegister(), State.CfaKind == CfaRuleKind.RegisterOffset ? State.CfaValue : 0);
                break;
            case 0x0e: // DW_CFA_def_cfa_offset
                SetCfaOffset(Offset((long)_reader.ReadUleb128(), 1));
                break;
            case 0x0f: // DW_CFA_def_cfa_expression
                State.CfaValue = ReadBlock();
                State.CfaKind = CfaRuleKind.Expression;
                break;
            case 0x10: // DW_CFA_expression
                Set(ReadRegister(), RegisterRuleKind.Expression, ReadBlock());
                break;
            case 0x11: // DW_CFA_offset_extended_sf
                SetSignedFactored(ReadRegister(), RegisterRuleKind.Offset, _reader.ReadSleb128());
                break;
            case 0x12: // DW_CFA_def_cfa_sf
                SetCfa(ReadRegister(), Offset(_reader.ReadSleb128(), _cie.DataAlignment));
                break;
            case 0x13: // DW_CFA_def_cfa_offset_sf
                SetCfaOffset(Offset(_reader.ReadSleb128(), _cie.DataAlignment));
                break;
            case 0x14: // DW_CFA_val_offset
                SetFactored(ReadRegister(), RegisterRuleKind.ValueOffset, _reader.ReadUleb128());
                break;
            case 0x15: // DW_CFA_val_offset_sf
                SetSignedFactored(ReadRegister(), RegisterRuleKind.ValueOffset, _reader.ReadSleb128());
                break;
            case 0x16: // DW_CFA_val_expression
                Set(ReadRegister(), RegisterRuleKind.ValueExpression, ReadBlock());
                break;
            case 0x2d: // DW_CFA_GNU_window_save: SPARC's
                break;
            case 0x2e: // DW_CFA_GNU_args_size: matters to landing pads only
                _reader.ReadUleb128();
                break;
            case 0x2f: // DW_CFA_GNU_negative_offset_extended
                SetSignedFactored(ReadRegister(), RegisterRuleKind.Offset, unchecked(-(long)_reader.ReadUleb128()));
                break;
            default:
                _reader.ThrowMalformed($"call frame instruction 0x{opcode:x2} is not known");
                break;
        }
    }

    private void Advance(ulong delta)
    {
        if (_isInitial)
        {
            _reader.ThrowMalformed("a CIE's instructions advance the location");
        }

        ulong bytes = unchecked(delta * _cie.CodeAlignment);
        ulong left = _end - _location;
        _next = bytes < left ? _location + bytes : _end;
    }

    private int ReadRegister()
    {
        ulong register = _reader.ReadUleb128();
        return register <= int.MaxValue ? (int)register : int.MaxValue;
    }

    /// <summary>Registers that the unwinder does not follow (vector registers) are read and forgotten.</summary>
    private void Set(int register, RegisterRuleKind kind, int value)
    {
        if ((uint)register < X64Registers.Count)
        {
            State.Set(register, kind, value);
        }
    }

    private void SetFactored(int register, RegisterRuleKind kind, ulong factored) =>
        Set(register, kind, Offset((long)factored, _cie.DataAlignment));

    private void SetSignedFactored(int register, RegisterRuleKind kind, long factored) =>
        Set(register, kind, Offset(factored, _cie.DataAlignment));

    private void SetToRegister(int register, int other)
    {
        if ((uint)other >= X64Registers.Count)
        {
            Set(register, RegisterRuleKind.Undefined, 0);
            return;
        }

        Set(register, RegisterRuleKind.Register, other);
    }

    private void SetCfa(int register, int offset)
    {
        if ((uint)register >= X64Registers.Count)
        {
            _reader.ThrowMalformed($"the CFA depends on register {register}");
        }

        State.CfaKind = CfaRuleKind.RegisterOffset;
        State.CfaRegister = (byte)register;
        State.CfaValue = offset;
    }

    private void SetCfaOffset(int offset)
    {
        if (State.CfaKind != CfaRuleKind.RegisterOffset)
        {
            _reader.ThrowMalformed("the CFA's offset is set and it has no register");
        }

        State.CfaValue = offset;
    }

    private readonly int Offset(long value, long factor)
    {
        long high = Math.BigMul(value, factor, out long product);
        if (high != product >> 63 || product != (int)product)
        {
            _reader.ThrowMalformed("an offset exceeds 32 bits");
        }

        return (int)product;
    }

    private void Restore(int register)
    {
        if (_isInitial)
        {
            Set(register, RegisterRuleKind.Unspecified, 0);
        }
        else if ((uint)register < X64Registers.Count)
        {
            State.Set(register, _cie.Initial.KindOf(register), _cie.Initial.ValueOf(register));
        }
    }

    private void Remember()
    {
        if (_savedCount >= MaxSavedStates)
        {
            _reader.ThrowMalformed("too many states are remembered");
        }

        _saved ??= new CallFrameState[4];
        if (_savedCount == _saved.Length)
        {
            Array.Resize(ref _saved, _saved.Length * 2);
        }

        _saved[_savedCount++] = State;
    }

    private void Recall()
    {
        if (_savedCount == 0)
        {
            _reader.ThrowMalformed("a state is restored that was not remembered");
        }

        State = _saved![--_savedCount];
    }

    /// <summary>Where the block (length and bytes) begins; moves past it.</summary>
    private int ReadBlock()
    {
        int offset = (int)_reader.Position;
        ulong length = _reader.ReadUleb128();
        _reader.Skip(length <= int.MaxValue ? (long)length : long.MaxValue);
        return offset;
    }
}
