using Blindspot.Arch.X64;
using Iced.Intel;

namespace Blindspot.Unwind;

/// <summary>
/// What is known of the stack pointer, the frame pointer and the registers that callees keep (System V ABI, AMD64,
/// figure 3.4) at one place while code is followed.
/// </summary>
internal sealed class CodeState
{
    public static readonly X64Register[] CalleeSaved =
        [X64Register.Rbx, X64Register.Rbp, X64Register.R12, X64Register.R13, X64Register.R14, X64Register.R15];

    private static readonly Register[] s_calleeSaved =
        [Register.RBX, Register.RBP, Register.R12, Register.R13, Register.R14, Register.R15];

    private readonly bool _isFromStart;

    /// <param name="isFromStart">
    /// The code is followed from the function's first instruction, to see what it saves where; else from somewhere
    /// within, to see what it takes back from where.
    /// </param>
    public CodeState(ulong address, bool isFromStart)
    {
        Address = address;
        _isFromStart = isFromStart;
        Sp = new CodeValue(CodeBase.Sp, 0);
        Bp = isFromStart ? CodeValue.Unknown : new CodeValue(CodeBase.Bp, 0);
        Places = new RegisterPlace[s_calleeSaved.Length];
    }

    private CodeState(CodeState other, ulong address)
    {
        Address = address;
        _isFromStart = other._isFromStart;
        Sp = other.Sp;
        Bp = other.Bp;
        Places = [.. other.Places];
    }

    /// <summary>Of the next instruction.</summary>
    public ulong Address { get; set; }

    public CodeValue Sp { get; private set; }

    /// <summary>The address that rbp holds, while it holds one on this stack.</summary>
    public CodeValue Bp { get; private set; }

    public RegisterPlace[] Places { get; }

    public CodeState At(ulong address) => new(this, address);

    /// <summary>Takes over what an instruction does, unless it leaves the straight way.</summary>
    public void Apply(in Instruction instruction, InstructionInfoFactory information)
    {
        switch (instruction.Mnemonic)
        {
            case Mnemonic.Push:
                Sp += -8;
                Save(instruction.Op0Kind == OpKind.Register ? instruction.Op0Register : Register.None, Sp);
                return;

            case Mnemonic.Pop when instruction.Op0Kind == OpKind.Register:
                Restore(instruction.Op0Register, Sp);
                Sp += 8;
                return;

            case Mnemonic.Leave:
                Sp = Bp;
                Restore(Register.RBP, Sp);
                Sp += 8;
                return;

            case Mnemonic.Add or Mnemonic.Sub when instruction.Op0Register == Register.RSP && IsImmediate(instruction.Op1Kind):
                long bytes = (long)instruction.GetImmediate(1);
                Sp += instruction.Mnemonic == Mnemonic.Add ? bytes : -bytes;
                return;

            case Mnemonic.Lea when instruction.Op0Register is Register.RSP or Register.RBP:
                SetPointer(instruction.Op0Register, AddressOf(instruction));
                return;

            case Mnemonic.Mov when instruction.Op0Kind == OpKind.Register && instruction.Op0Register is Register.RSP or Register.RBP
                && instruction.Op1Kind == OpKind.Register && instruction.Op1Register is Register.RSP or Register.RBP:
                SetPointer(instruction.Op0Register, instruction.Op1Register == Register.RSP ? Sp : Bp);
                return;

            case Mnemonic.Mov when instruction.Op0Kind == OpKind.Memory && instruction.Op1Kind == OpKind.Register:
                Save(instruction.Op1Register, AddressOf(instruction));
                return;

            case Mnemonic.Mov when instruction.Op0Kind == OpKind.Register && instruction.Op1Kind == OpKind.Memory
                && IndexOf(instruction.Op0Register) >= 0 && AddressOf(instruction).IsKnown:
                Restore(instruction.Op0Register, AddressOf(instruction));
                return;
        }

        foreach (UsedRegister used in information.GetInfo(instruction).GetUsedRegisters())
        {
            if (used.Access is OpAccess.Write or OpAccess.ReadWrite or OpAccess.CondWrite or OpAccess.ReadCondWrite)
            {
                Overwrite(used.Register.GetFullRegister());
            }
        }
    }

    /// <summary>The frame at this place, seen from its start; null if neither sp nor rbp leads back to it.</summary>
    public CodeFrameShape? FrameFromStart(ulong start)
    {
        // What was counted from the first instruction's stack pointer is to be counted from a register's value here.
        (CodeBase register, CodeValue known) = Sp.Base == CodeBase.Sp ? (CodeBase.Sp, Sp) : (CodeBase.Bp, Bp);
        if (known.Base != CodeBase.Sp)
        {
            return null;
        }

        var saved = new RegisterPlace[Places.Length];
        for (int i = 0; i < saved.Length; i++)
        {
            RegisterPlace place = Places[i];
            saved[i] = place.Kind == RegisterPlaceKind.Slot
                ? RegisterPlace.At(new CodeValue(register, place.Slot.Offset - known.Offset))
                : place;
        }

        return new CodeFrameShape(start, new CodeValue(register, -known.Offset), saved);
    }

    /// <summary>The frame where following began, seen from its return; null if the way there did not keep to the stack.</summary>
    public CodeFrameShape? FrameAtReturn() =>
        Sp.Base == CodeBase.Bp || (Sp.Base == CodeBase.Sp && Sp.Offset >= 0) ? new CodeFrameShape(0, Sp, Places) : null;

    private static bool IsImmediate(OpKind kind) => kind is OpKind.Immediate8to64 or OpKind.Immediate32to64;

    private static int IndexOf(Register register) => Array.IndexOf(s_calleeSaved, register);

    private CodeValue AddressOf(in Instruction instruction) => instruction.MemoryIndex != Register.None || instruction.MemorySegment == Register.FS
        ? CodeValue.Unknown
        : instruction.MemoryBase switch
        {
            Register.RSP => Sp + (long)instruction.MemoryDisplacement64,
            Register.RBP => Bp + (long)instruction.MemoryDisplacement64,
            _ => CodeValue.Unknown,
        };

    private void SetPointer(Register register, CodeValue value)
    {
        if (register == Register.RSP)
        {
            Sp = value;
            return;
        }

        Overwrite(Register.RBP);
        Bp = value;
    }

    // Only the first save is of the caller's value, and only from the start on is it known to be that.
    private void Save(Register register, CodeValue slot)
    {
        int index = IndexOf(register);
        if (_isFromStart && index >= 0 && Places[index].Kind == RegisterPlaceKind.Kept && slot.IsKnown)
        {
            Places[index] = RegisterPlace.At(slot);
        }
    }

    private void Restore(Register register, CodeValue slot)
    {
        int index = IndexOf(register.GetFullRegister());
        if (register.GetFullRegister() == Register.RSP)
        {
            Sp = CodeValue.Unknown;
        }

        if (index < 0)
        {
            return;
        }

        if (_isFromStart)
        {
            bool isOwn = Places[index].Kind == RegisterPlaceKind.Slot && Places[index].Slot == slot;
            Overwrite(s_calleeSaved[index]);
            Places[index] = isOwn ? default : Places[index];
            return;
        }

        // What lies below where following began was pushed on the way: it is no caller's.
        Overwrite(s_calleeSaved[index]);
        bool isFrame = slot.Base == CodeBase.Bp || (slot.Base == CodeBase.Sp && slot.Offset >= 0);
        Places[index] = RegisterPlace.At(isFrame ? slot : CodeValue.Unknown);
    }

    private void Overwrite(Register register)
    {
        if (register == Register.RSP)
        {
            Sp = CodeValue.Unknown;
        }

        if (register == Register.RBP)
        {
            Bp = CodeValue.Unknown;
        }

        int index = IndexOf(register);
        if (index >= 0 && (Places[index].Kind == RegisterPlaceKind.Kept || !_isFromStart))
        {
            Places[index] = RegisterPlace.At(CodeValue.Unknown);
        }
    }
}
