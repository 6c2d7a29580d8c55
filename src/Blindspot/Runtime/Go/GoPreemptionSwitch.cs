using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Reads runtime.debug.asyncpreemptoff (GODEBUG, docs in Go: src/runtime/extern.go). Its place in runtime.debug is
/// another in most versions, but the functions that ask for it are the same in all from 1.19 to 1.27, and the only int
/// that they compare with zero is this one: so it is found by them, with symbols too.
/// </summary>
internal static class GoPreemptionSwitch
{
    /// <summary>runtime.debug has some 40 fields of four bytes.</summary>
    private const ulong MaxStructBytes = 512;

    // Go: src/runtime/proc.go, preempt.go, signal_unix.go.
    private static readonly string[] Users = ["runtime.preemptone", "runtime.suspendG", "runtime.sighandler"];

    /// <summary>Null, with a gap, where it could not be read.</summary>
    public static bool? IsOff(GoModule module, TargetMemory memory, GapLog gaps)
    {
        TargetAddress start = module.Image.TryFindSymbol("runtime.debug", out ImageOffset symbol) ? module.Module.ToTarget(symbol) : TargetAddress.Zero;
        TargetAddress found = new GoVariableFinder(module, gaps, Users).FindComparedToZero(
            "runtime.debug.asyncpreemptoff",
            Users,
            address => start.IsZero || (address >= start && address - start < MaxStructBytes));
        if (found.IsZero)
        {
            return null;
        }

        if (!memory.TryReadUInt32(found, out uint value))
        {
            gaps.Add("runtime", "preemption-switch-unreadable", $"Whether asynchronous preemption was switched off in the Go runtime of {module.Module.Path} could not be read.", found);
            return null;
        }

        return value != 0;
    }
}
