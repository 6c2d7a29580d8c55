using Iced.Intel;

namespace Blindspot.Analysis.Signals;

/// <summary>
/// Carries out x86-64 code on what is known of its registers and memory, without running it: a value that depends on
/// something unknown is unknown, and so is what an instruction leaves that is not understood. Jumps and calls are the
/// caller's to follow.
/// </summary>
internal sealed class CodeInterpreter
{
    private const ulong MaxRepeats = 1024;

    private readonly ulong?[] _registers = new ulong?[16];
    private readonly Dictionary<Register, (ulong? Low, ulong? High)> _vectors = [];
    private readonly InstructionInfoFactory _information;

    public CodeInterpreter(InterpretedMemory memory, InstructionInfoFactory information)
    {
        Memory = memory;
        _information = information;
        this[Register.RSP] = InterpretedMemory.StackTop;
    }

    public InterpretedMemory Memory { get; }

    public InterpretedFlags Flags { get; private set; }

    /// <summary>A register of 8 bytes; null when not known.</summary>
    public ulong? this[Register register]
    {
        get => _registers[register.GetNumber()];
        set => _registers[register.GetNumber()] = value;
    }

    public CodeInterpreter Clone()
    {
        var copy = new CodeInterpreter(Memory.Clone(), _information) { Flags = Flags };
        _registers.CopyTo(copy._registers, 0);
        foreach ((Register register, (ulong?, ulong?) value) in _vectors)
        {
            copy._vectors[register] = value;
        }

        return copy;
    }

    /// <summary>Forgets what a function may clobber (System V ABI, figure 3.4).</summary>
    public void ForgetClobbered()
    {
        foreach (Register register in (ReadOnlySpan<Register>)
            [Register.RAX, Register.RCX, Register.RDX, Register.RSI, Register.RDI, Register.R8, Register.R9, Register.R10, Register.R11])
        {
            this[register] = null;
        }

        _vectors.Clear();
        Flags = InterpretedFlags.Unknown;
    }

    public void Push(ulong? value)
    {
        if (this[Register.RSP] is { } sp)
        {
            this[Register.RSP] = sp - 8;
            Memory.Write(sp - 8, 8, value);
        }
    }

    public ulong? Pop()
    {
        if (this[Register.RSP] is not { } sp)
        {
            return null;
        }

        this[Register.RSP] = sp + 8;
        return Memory.Read(sp, 8);
    }

    /// <summary>Whether a condition holds; null when that is not known.</summary>
    public bool? Holds(ConditionCode condition)
    {
        if (!Flags.IsKnown)
        {
            return null;
        }

        bool isLess = Flags.Sign != Flags.Overflow;
        return condition switch
        {
            ConditionCode.e => Flags.Zero,
            ConditionCode.ne => !Flags.Zero,
            ConditionCode.b => Flags.Carry,
            ConditionCode.ae => !Flags.Carry,
            ConditionCode.be => Flags.Carry || Flags.Zero,
            ConditionCode.a => !Flags.Carry && !Flags.Zero,
            ConditionCode.s => Flags.Sign,
            ConditionCode.ns => !Flags.Sign,
            ConditionCode.o => Flags.Overflow,
            ConditionCode.no => !Flags.Overflow,
            ConditionCode.l => isLess,
            ConditionCode.ge => !isLess,
            ConditionCode.le => Flags.Zero || isLess,
            ConditionCode.g => !Flags.Zero && !isLess,
            _ => null,
        };
    }

    /// <summary>The value of an operand, zero-extended; null when not known.</summary>
    public ulong? Read(in Instruction instruction, int operand)
    {
        switch (instruction.GetOpKind(operand))
        {
            case OpKind.Register:
                return ReadRegister(instruction.GetOpRegister(operand));
            case OpKind.Memory:
                return AddressOf(instruction) is { } address && SizeOf(instruction, operand) is var size and <= 8 ? Memory.Read(address, size) : null;
            case OpKind.NearBranch64:
                return instruction.NearBranch64;
            case >= OpKind.Immediate8 and <= OpKind.Immediate32to64:
                return instruction.GetImmediate(operand);
            default:
                return null;
        }
    }

    /// <summary>Where a memory operand lies; null when not known, or in thread-local storage.</summary>
    public ulong? AddressOf(in Instruction instruction)
    {
        if (instruction.SegmentPrefix is Register.FS or Register.GS)
        {
            return null;
        }

        if (instruction.IsIPRelativeMemoryOperand)
        {
            return instruction.IPRelativeMemoryAddress;
        }

        ulong address = instruction.MemoryDisplacement64;
        if (instruction.MemoryBase != Register.None)
        {
            if (ReadRegister(instruction.MemoryBase) is not { } start)
            {
                return null;
            }

            address += start;
        }

        if (instruction.MemoryIndex != Register.None)
        {
            if (ReadRegister(instruction.MemoryIndex) is not { } index)
            {
                return null;
            }

            address += index * (ulong)instruction.MemoryIndexScale;
        }

        return address;
    }

    /// <summary>Carries out an instruction that is no jump, call or return.</summary>
    public void Apply(in Instruction instruction)
    {
        int size = instruction.OpCount > 0 ? SizeOf(instruction, 0) : 8;
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Nop or Mnemonic.Endbr64 or Mnemonic.Pause or Mnemonic.Prefetchw or Mnemonic.Mfence or Mnemonic.Lfence or Mnemonic.Sfence:
                break;
            case Mnemonic.Mov or Mnemonic.Movzx:
                Write(instruction, 0, Read(instruction, 1));
                break;
            case Mnemonic.Movsx or Mnemonic.Movsxd:
                Write(instruction, 0, Extend(Read(instruction, 1), SizeOf(instruction, 1)));
                break;
            case Mnemonic.Lea:
                Write(instruction, 0, AddressOf(instruction));
                break;
            case Mnemonic.Push:
                Push(Read(instruction, 0));
                break;
            case Mnemonic.Pop:
                Write(instruction, 0, Pop());
                break;
            case Mnemonic.Leave:
                this[Register.RSP] = this[Register.RBP];
                this[Register.RBP] = Pop();
                break;
            case Mnemonic.Add or Mnemonic.Sub or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor:
                Combine(instruction, size);
                break;
            case Mnemonic.Cmp:
                Flags = InterpretedFlags.OfDifference(Read(instruction, 0), Read(instruction, 1), size);
                break;
            case Mnemonic.Test:
                Flags = InterpretedFlags.OfLogic(Read(instruction, 0) & Read(instruction, 1), size);
                break;
            case Mnemonic.Inc or Mnemonic.Dec:
                Step(instruction, size);
                break;
            case Mnemonic.Neg:
                ulong? negated = Read(instruction, 0);
                Flags = InterpretedFlags.OfDifference(0, negated, size);
                Write(instruction, 0, unchecked(0 - negated));
                break;
            case Mnemonic.Not:
                Write(instruction, 0, ~Read(instruction, 0));
                break;
            case Mnemonic.Shl or Mnemonic.Shr or Mnemonic.Sar:
                Shift(instruction, size);
                break;
            case Mnemonic.Imul when instruction.OpCount >= 2:
                ulong? left = instruction.OpCount == 3 ? Read(instruction, 1) : Read(instruction, 0);
                Write(instruction, 0, unchecked(left * Read(instruction, instruction.OpCount - 1)));
                Flags = InterpretedFlags.Unknown;
                break;
            case Mnemonic.Cdqe:
                this[Register.RAX] = Extend(this[Register.RAX] & uint.MaxValue, 4);
                break;
            case Mnemonic.Xchg when instruction is { Op0Kind: OpKind.Register, Op1Kind: OpKind.Register }:
                ulong? first = Read(instruction, 0);
                Write(instruction, 0, Read(instruction, 1));
                Write(instruction, 1, first);
                break;
            case Mnemonic.Movaps or Mnemonic.Movups or Mnemonic.Movdqa or Mnemonic.Movdqu or Mnemonic.Vmovdqu or Mnemonic.Vmovdqa or Mnemonic.Vmovups or Mnemonic.Vmovaps
                when instruction.OpCount == 2 && IsXmmMove(instruction):
                MoveVector(instruction);
                break;
            case Mnemonic.Movsq or Mnemonic.Movsd or Mnemonic.Movsb when instruction.MemorySegment != Register.None && TryCopy(instruction):
                break;
            default:
                ApplyOther(instruction, size);
                break;
        }
    }

    private void ApplyOther(in Instruction instruction, int size)
    {
        if (instruction.FlowControl == FlowControl.Next && instruction.ConditionCode != ConditionCode.None)
        {
            bool? holds = Holds(instruction.ConditionCode);
            bool isMove = size > 1;
            ulong? set = holds is { } known ? known ? 1UL : 0 : null;
            ulong? moved = holds is { } isTaken ? Read(instruction, isTaken ? 1 : 0) : null;
            Write(instruction, 0, isMove ? moved : set);
            return;
        }

        InstructionInfo info = _information.GetInfo(instruction);
        foreach (UsedMemory used in info.GetUsedMemory())
        {
            if (used.Access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite && AddressOf(instruction) is { } address)
            {
                Memory.Write(address, Math.Max(1, used.MemorySize.GetSize()), null);
            }
        }

        foreach (UsedRegister used in info.GetUsedRegisters())
        {
            if (used.Access is not (OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite))
            {
                continue;
            }

            if (used.Register.IsGPR())
            {
                this[used.Register.GetFullRegister()] = null;
            }
            else
            {
                _vectors.Remove(used.Register.GetFullRegister());
            }
        }

        if (instruction.RflagsModified != 0)
        {
            Flags = InterpretedFlags.Unknown;
        }
    }

    private void Combine(in Instruction instruction, int size)
    {
        bool isSame = instruction is { Op0Kind: OpKind.Register, Op1Kind: OpKind.Register } && instruction.Op0Register == instruction.Op1Register;
        ulong? left = Read(instruction, 0);
        ulong? right = Read(instruction, 1);
        ulong? result = instruction.Mnemonic switch
        {
            Mnemonic.Add => unchecked(left + right),
            Mnemonic.Sub => isSame ? 0 : unchecked(left - right),
            Mnemonic.And => left == 0 || right == 0 ? 0 : left & right,
            Mnemonic.Or => left | right,
            _ => isSame ? 0 : left ^ right,
        };
        Flags = instruction.Mnemonic switch
        {
            Mnemonic.Add => InterpretedFlags.OfSum(left, right, size),
            Mnemonic.Sub => InterpretedFlags.OfDifference(isSame ? 0 : left, isSame ? 0 : right, size),
            _ => InterpretedFlags.OfLogic(result, size),
        };
        Write(instruction, 0, result);
    }

    private void Step(in Instruction instruction, int size)
    {
        ulong? value = Read(instruction, 0);
        ulong? result = instruction.Mnemonic == Mnemonic.Inc ? unchecked(value + 1) : unchecked(value - 1);

        // They leave the carry as it was: what it is then is known only if it was.
        bool wasKnown = Flags.IsKnown;
        bool carry = Flags.Carry;
        Flags = instruction.Mnemonic == Mnemonic.Inc ? InterpretedFlags.OfSum(value, 1, size) : InterpretedFlags.OfDifference(value, 1, size);
        Flags = wasKnown ? Flags with { Carry = carry } : Flags;
        Write(instruction, 0, result);
    }

    private void Shift(in Instruction instruction, int size)
    {
        ulong? value = Read(instruction, 0);
        int? count = instruction.OpCount < 2 ? 1 : Read(instruction, 1) is { } by ? (int)(by & (size == 8 ? 63UL : 31UL)) : null;
        ulong? result = null;
        if (value is { } known && count is { } bits)
        {
            result = instruction.Mnemonic switch
            {
                Mnemonic.Shl => known << bits,
                Mnemonic.Shr => known >> bits,
                _ => unchecked((ulong)((long)Extend(known, size)!.Value >> bits)),
            };
        }

        Flags = result is { } shifted ? InterpretedFlags.OfLogic(shifted, size) : InterpretedFlags.Unknown;
        Write(instruction, 0, result);
    }

    private static bool IsXmmMove(in Instruction instruction) =>
        (instruction.Op0Kind == OpKind.Memory || instruction.Op0Register.IsXMM()) && (instruction.Op1Kind == OpKind.Memory || instruction.Op1Register.IsXMM());

    private void MoveVector(in Instruction instruction)
    {
        (ulong? Low, ulong? High) value = default;
        if (instruction.Op1Kind == OpKind.Register)
        {
            value = _vectors.GetValueOrDefault(instruction.Op1Register.GetFullRegister());
        }
        else if (AddressOf(instruction) is { } from)
        {
            value = (Memory.Read(from, 8), Memory.Read(from + 8, 8));
        }

        if (instruction.Op0Kind == OpKind.Register)
        {
            _vectors[instruction.Op0Register.GetFullRegister()] = value;
        }
        else if (AddressOf(instruction) is { } to)
        {
            Memory.Write(to, 8, value.Low);
            Memory.Write(to + 8, 8, value.High);
        }
    }

    // rep movs: how compilers copy a structure.
    private bool TryCopy(in Instruction instruction)
    {
        int size = instruction.Mnemonic switch { Mnemonic.Movsq => 8, Mnemonic.Movsd => 4, _ => 1 };
        ulong? count = instruction.HasRepPrefix ? this[Register.RCX] : 1;
        if (instruction.Op0Kind != OpKind.MemoryESRDI || count is not { } repeats || repeats > MaxRepeats
            || this[Register.RSI] is not { } from || this[Register.RDI] is not { } to)
        {
            return false;
        }

        for (ulong i = 0; i < repeats; i++)
        {
            Memory.Write(to + (i * (ulong)size), size, Memory.Read(from + (i * (ulong)size), size));
        }

        this[Register.RSI] = from + (repeats * (ulong)size);
        this[Register.RDI] = to + (repeats * (ulong)size);
        this[Register.RCX] = instruction.HasRepPrefix ? 0 : this[Register.RCX];
        return true;
    }

    private ulong? ReadRegister(Register register)
    {
        if (!register.IsGPR() || IsHighByte(register))
        {
            return null;
        }

        return this[register.GetFullRegister()] is { } value ? InterpretedFlags.Masked(value, register.GetSize()) : null;
    }

    private void Write(in Instruction instruction, int operand, ulong? value)
    {
        if (instruction.GetOpKind(operand) == OpKind.Memory)
        {
            if (AddressOf(instruction) is { } address)
            {
                Memory.Write(address, SizeOf(instruction, operand), value);
            }

            return;
        }

        Register register = instruction.GetOpRegister(operand);
        if (!register.IsGPR())
        {
            _vectors.Remove(register.GetFullRegister());
            return;
        }

        Register full = register.GetFullRegister();
        int size = register.GetSize();
        this[full] = value is not { } known || IsHighByte(register) ? null
            : size >= 4 ? InterpretedFlags.Masked(known, size)
            : this[full] is { } before ? (before & ~InterpretedFlags.Masked(ulong.MaxValue, size)) | InterpretedFlags.Masked(known, size)
            : null;
    }

    private static bool IsHighByte(Register register) => register is Register.AH or Register.BH or Register.CH or Register.DH;

    private static ulong? Extend(ulong? value, int size) =>
        value is not { } known || size >= 8 ? value : unchecked((ulong)((long)(known << (64 - (size * 8))) >> (64 - (size * 8))));

    private static int SizeOf(in Instruction instruction, int operand) => instruction.GetOpKind(operand) switch
    {
        OpKind.Register => instruction.GetOpRegister(operand).GetSize(),
        OpKind.Memory => Math.Max(1, instruction.MemorySize.GetSize()),
        _ => 8,
    };
}
