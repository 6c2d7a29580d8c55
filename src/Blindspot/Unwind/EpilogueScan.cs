using Blindspot.Arch.X64;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;
using Iced.Intel;

namespace Blindspot.Unwind;

/// <summary>
/// Steps out of hand-written code that has no call frame information (cgo's crosscall1 is the common one) by reading
/// on from the return address to the function's <c>ret</c>: what the code will pop and add is what lies between the
/// stack pointer and the return address, and what it pops are the caller's registers.
/// </summary>
/// <remarks>
/// Only straight code counts: a jump, or a write to the stack pointer that is neither pop, add nor leave, and the scan
/// knows nothing. A call on the way changes nothing that is looked at here: callees keep rsp and, by the ABI, the
/// registers that are popped later.
/// </remarks>
public static class EpilogueScan
{
    private const int MaxBytes = 192;
    private const int MaxInstructions = 48;

    public static bool TryStep(StackCursor cursor)
    {
        Span<byte> buffer = stackalloc byte[MaxBytes];
        int length = ModuleCode.Read(cursor.Memory, cursor.Module, cursor.Registers.Pc, buffer);
        if (length == 0)
        {
            return false;
        }

        byte[] code = buffer[..length].ToArray();
        Decoder decoder = Decoder.Create(64, new ByteArrayCodeReader(code), cursor.Registers.Pc.Value);
        X64Registers registers = cursor.Registers;
        TargetAddress sp = registers.Sp;
        for (int i = 0; i < MaxInstructions; i++)
        {
            decoder.Decode(out Instruction instruction);
            if (instruction.IsInvalid || instruction.Mnemonic == Mnemonic.Hlt)
            {
                return false;
            }

            switch (instruction.Mnemonic)
            {
                case Mnemonic.Ret:
                    return TryReturn(cursor, registers, sp);

                case Mnemonic.Pop:
                    if (!TryPop(cursor.Memory, instruction.Op0Register, ref registers, ref sp))
                    {
                        return false;
                    }

                    continue;

                case Mnemonic.Leave:
                    if (!registers.TryGet(X64Register.Rbp, out ulong bp))
                    {
                        return false;
                    }

                    sp = new TargetAddress(bp);
                    if (!TryPop(cursor.Memory, Register.RBP, ref registers, ref sp))
                    {
                        return false;
                    }

                    continue;

                case Mnemonic.Add when instruction.Op0Register == Register.RSP && instruction.Op1Kind is OpKind.Immediate8to64 or OpKind.Immediate32to64:
                    sp += (ulong)instruction.GetImmediate(1);
                    continue;
            }

            bool goesElsewhere = instruction.FlowControl is not (FlowControl.Next or FlowControl.Call or FlowControl.IndirectCall);
            if (goesElsewhere || WritesStackPointer(instruction))
            {
                return false;
            }
        }

        return false;
    }

    private static bool WritesStackPointer(in Instruction instruction) =>
        instruction.FlowControl == FlowControl.Next
        && (instruction.IsStackInstruction || (instruction.Op0Kind == OpKind.Register && instruction.Op0Register.GetFullRegister() == Register.RSP));

    private static bool TryPop(TargetMemory memory, Register popped, ref X64Registers registers, ref TargetAddress sp)
    {
        if (!memory.TryReadUInt64(sp, out ulong value))
        {
            return false;
        }

        sp += 8;
        X64Register? register = popped switch
        {
            Register.RBX => X64Register.Rbx,
            Register.RBP => X64Register.Rbp,
            Register.R12 => X64Register.R12,
            Register.R13 => X64Register.R13,
            Register.R14 => X64Register.R14,
            Register.R15 => X64Register.R15,
            _ => null,
        };
        if (register is { } saved)
        {
            registers.Set(saved, value);
        }

        return popped != Register.RSP;
    }

    private static bool TryReturn(StackCursor cursor, X64Registers registers, TargetAddress sp)
    {
        if (!cursor.Memory.TryReadAddress(sp, out TargetAddress pc) || sp < cursor.Registers.Sp)
        {
            return false;
        }

        registers.Pc = pc;
        registers.Sp = sp + 8;
        cursor.Registers = registers;
        cursor.IsReturnAddress = true;
        cursor.FoundBy = FoundBy.Disassembly;
        return true;
    }
}
