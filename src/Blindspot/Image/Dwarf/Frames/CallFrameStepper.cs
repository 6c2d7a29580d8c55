using Blindspot.Arch.X64;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>Follows a row: from the registers of a frame to those of its caller (DWARF 5, section 6.4.3).</summary>
public static class CallFrameStepper
{
    /// <summary>
    /// Replaces <paramref name="registers"/> by the caller's; unless the result is
    /// <see cref="CallFrameStepResult.Stepped"/> they are unchanged.
    /// </summary>
    /// <param name="row">The row of the frame's pc.</param>
    /// <param name="registers">As they are in the frame.</param>
    /// <param name="memory">Where saved registers are read.</param>
    /// <param name="loadBias">Of the module that the row comes from, for addresses inside expressions.</param>
    /// <param name="failedAt">The address that could not be read, with <see cref="CallFrameStepResult.MemoryUnreadable"/>.</param>
    public static CallFrameStepResult Step(
        in CallFrameRow row,
        ref X64Registers registers,
        TargetMemory memory,
        ulong loadBias,
        out TargetAddress failedAt)
    {
        failedAt = default;
        var returnAddress = (X64Register)row.ReturnAddressRegister;
        if ((int)returnAddress >= X64Registers.Count)
        {
            return CallFrameStepResult.Malformed;
        }

        if (row.RuleOf(returnAddress) == RegisterRuleKind.Undefined)
        {
            return CallFrameStepResult.EndOfStack;
        }

        Span<byte> saveArea = stackalloc byte[RegisterRestorer.SaveAreaBytes];
        var restorer = new RegisterRestorer(in row, in registers, memory, loadBias, saveArea);
        if (!restorer.TryComputeCfa(out ulong cfa))
        {
            failedAt = restorer.FailedAt;
            return restorer.Failure;
        }

        // The CFA is by definition the stack pointer before the call.
        X64Registers caller = registers;
        caller.Set(X64Register.Rsp, cfa);
        if (!restorer.TryRestore(cfa, ref caller))
        {
            failedAt = restorer.FailedAt;
            return restorer.Failure;
        }

        if (returnAddress != X64Register.Rip)
        {
            if (!caller.TryGet(returnAddress, out ulong pc))
            {
                return CallFrameStepResult.RegisterUnknown;
            }

            caller.Set(X64Register.Rip, pc);
        }
        else if (row.RuleOf(X64Register.Rip) is RegisterRuleKind.Unspecified or RegisterRuleKind.SameValue)
        {
            return CallFrameStepResult.Malformed;
        }

        registers = caller;
        return CallFrameStepResult.Stepped;
    }
}
