using Blindspot.Image.Pclntab;
using Blindspot.Primitives;
using Blindspot.Target;
using Iced.Intel;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Where a thread keeps its current g, relative to its thread pointer: by the code of runtime.stackcheck, which loads
/// it in all link modes (Go: src/runtime/asm_amd64.s; src/cmd/internal/obj/x86/obj6.go, get_tls), else by the symbol
/// runtime.tlsg and the executable's PT_TLS (variant II of "ELF Handling For Thread-Local Storage", section 3.4.6).
/// </summary>
internal sealed class GoThreadLocal(GoModule module, TargetMemory memory)
{
    /// <summary>Instructions from a function's start that are looked at.</summary>
    private const int MaxInstructions = 12;

    // runtime.save_g and the prologue of ABI wrappers load or store g the same way.
    private static readonly string[] Users = ["runtime.stackcheck", "runtime.asmcgocall_no_g", "runtime.cgocallback", "runtime.rt0_go", "runtime.gogo"];

    public long? Find() => ByCode() ?? BySymbol();

    private long? ByCode()
    {
        GoCodeReader code = new(module.Image, module.Functions);
        code.Prepare(Users);
        foreach (string user in Users)
        {
            if (ByCode(code.Decode(user)) is { } offset)
            {
                return offset;
            }
        }

        return null;
    }

    /// <summary>
    /// Three forms: mov %fs:off, reg; mov $off, reg with mov %fs:(reg), …; and mov off@GOTTPOFF(%rip), reg with the same,
    /// where the dynamic linker has put the offset into the table.
    /// </summary>
    private long? ByCode(List<Instruction> instructions)
    {
        Dictionary<Register, long> known = [];
        for (int i = 0; i < Math.Min(MaxInstructions, instructions.Count); i++)
        {
            Instruction instruction = instructions[i];
            if (instruction.MemorySegment == Register.FS && instruction.Mnemonic is Mnemonic.Mov or Mnemonic.Cmp)
            {
                long displacement = (long)instruction.MemoryDisplacement64;
                if (instruction.MemoryBase == Register.None && instruction.MemoryIndex == Register.None)
                {
                    return (int)displacement;
                }

                if (known.TryGetValue(instruction.MemoryBase, out long offset))
                {
                    return offset + displacement;
                }
            }

            if (instruction.Mnemonic != Mnemonic.Mov || instruction.Op0Kind != OpKind.Register)
            {
                continue;
            }

            known.Remove(instruction.Op0Register);
            if (instruction.Op1Kind is OpKind.Immediate32to64 or OpKind.Immediate64)
            {
                known[instruction.Op0Register] = (long)instruction.GetImmediate(1);
            }
            else if (instruction.IsIPRelativeMemoryOperand
                && memory.TryReadUInt64(module.Module.ToTarget(new ImageOffset(instruction.IPRelativeMemoryAddress)), out ulong slot)
                && (long)slot is < 0 and > -(1L << 32))
            {
                known[instruction.Op0Register] = (long)slot;
            }
        }

        return null;
    }

    private long? BySymbol()
    {
        if (module.Image.Elf.TlsSegment is not { } segment || !module.Image.TryFindSymbol("runtime.tlsg", out ImageOffset symbol))
        {
            return null;
        }

        ulong alignment = Math.Max(1, segment.Alignment);
        ulong size = segment.MemorySize + (unchecked(0UL - segment.Address - segment.MemorySize) & (alignment - 1));
        return unchecked((long)(symbol.Value - size));
    }
}
