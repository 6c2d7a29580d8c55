using Blindspot.Arch.X64;
using Blindspot.Image;
using Blindspot.Image.Dwarf.Frames;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Unwind;

/// <summary>
/// Finds the caller of a function whose frame hangs on a register that is not known, mostly rbp where only pc and sp
/// could be read (/proc/TID/syscall). Searches the stack upwards for the return address of a direct call of this very
/// function, at the place where the frame's own rule says that it must lie relative to what rbp then was.
/// </summary>
/// <remarks>
/// A word on the stack counts only when it points behind a <c>call</c> whose target is the start of the function that is
/// being left: stale words of other calls do not pass. The first that does is taken; the frame says how it was found.
/// </remarks>
internal static class CallerSearch
{
    private const int MaxStackBytes = 64 << 10;
    private const int ChunkBytes = 1024;
    private const int CallBytes = 5;

    public static bool TryStep(StackCursor cursor, in CallFrameRow row, Module module, ModuleMap modules)
    {
        if (row.CfaKind != CfaRuleKind.RegisterOffset || row.CfaRegister != X64Register.Rbp)
        {
            return false;
        }

        ulong start = module.ToTarget(row.FunctionStart).Value;
        TargetAddress at = new(cursor.Registers.Sp.Value & ~7UL);
        Span<byte> chunk = stackalloc byte[ChunkBytes];
        for (int searched = 0; searched < MaxStackBytes; searched += ChunkBytes)
        {
            int read = cursor.Memory.Read(at, chunk) & ~7;
            for (int offset = 0; offset < read; offset += 8)
            {
                TargetAddress pc = new(BitConverter.ToUInt64(chunk[offset..]));
                if (modules.Find(pc - 1) == module && IsCallOf(cursor, pc, start))
                {
                    return TryReturn(cursor, row, at + (ulong)offset, pc);
                }
            }

            if (read < ChunkBytes)
            {
                return false;
            }

            at += ChunkBytes;
        }

        return false;
    }

    private static bool IsCallOf(StackCursor cursor, TargetAddress returnAddress, ulong function)
    {
        Span<byte> code = stackalloc byte[CallBytes];
        return ModuleCode.Read(cursor.Memory, cursor.Module, returnAddress - CallBytes, code) == code.Length
            && code[0] == 0xe8
            && unchecked(returnAddress.Value + (ulong)BitConverter.ToInt32(code[1..])) == function;
    }

    // The return address lies right below the CFA, so it tells the CFA and with it the rbp that the rule counts from.
    private static bool TryReturn(StackCursor cursor, in CallFrameRow row, TargetAddress slot, TargetAddress pc)
    {
        X64Registers registers = cursor.Registers;
        registers.Bp = slot + 8 - (ulong)row.CfaOffset;
        if (CallFrameStepper.Step(row, ref registers, cursor.Memory, cursor.Module!.LoadBias, out _) != CallFrameStepResult.Stepped
            || registers.Pc != pc)
        {
            return false;
        }

        cursor.Registers = registers;
        cursor.IsReturnAddress = true;
        cursor.FoundBy = FoundBy.Search;
        return true;
    }
}
