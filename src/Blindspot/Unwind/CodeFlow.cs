using Blindspot.Image;
using Blindspot.Primitives;
using Blindspot.Target;
using Iced.Intel;

namespace Blindspot.Unwind;

/// <summary>Follows machine code along its branches, with nothing run, to see what it does to the stack.</summary>
/// <remarks>
/// Whichever way code takes from one place to another, it leaves the stack pointer alike there: compilers and the ABI see
/// to it, since the return must find its address. So the first way that arrives tells. A call that never returns makes a
/// way that does not exist; whoever asks must therefore check what comes of it.
/// </remarks>
internal sealed class CodeFlow(TargetMemory memory, Module module)
{
    private const int MaxInstructions = 2048;
    private const int MaxReturns = 8;

    private readonly TargetCode _code = new(memory, module);
    private readonly InstructionInfoFactory _information = new();

    /// <summary>The frame at <paramref name="place"/> of a function that begins at <paramref name="start"/>; null if no way leads there.</summary>
    public CodeFrameShape? FromStart(ulong start, ulong place)
    {
        CodeFrameShape? shape = null;
        Follow(new CodeState(start, isFromStart: true), state =>
        {
            if (state.Address != place)
            {
                return false;
            }

            shape = state.FrameFromStart(start);
            return true;
        }, null);
        return shape;
    }

    /// <summary>The frame at <paramref name="place"/> by the ways from there to a return, the shortest first, different ones once.</summary>
    public List<CodeFrameShape> ToReturns(ulong place)
    {
        var shapes = new List<CodeFrameShape>();
        Follow(new CodeState(place, isFromStart: false), _ => false, state =>
        {
            if (shapes.Count < MaxReturns && state.FrameAtReturn() is { } shape && !shapes.Exists(known => known.ReturnSlot == shape.ReturnSlot))
            {
                shapes.Add(shape);
            }
        });
        return shapes;
    }

    /// <summary>The code goes from there straight to a halt: nothing can lie above such a frame.</summary>
    public bool Halts(ulong place)
    {
        const int MostBefore = 8;
        for (int i = 0; i < MostBefore; i++)
        {
            if (!_code.TryDecode(place, out Instruction instruction))
            {
                return false;
            }

            switch (instruction.Mnemonic)
            {
                case Mnemonic.Hlt:
                    return true;
                case Mnemonic.Mov or Mnemonic.Xor or Mnemonic.Syscall:
                    place = instruction.NextIP;
                    continue;
                default:
                    return false;
            }
        }

        return false;
    }

    private void Follow(CodeState first, Func<CodeState, bool> isThere, Action<CodeState>? returned)
    {
        var ahead = new Queue<CodeState>();
        var seen = new HashSet<ulong>();
        ahead.Enqueue(first);
        while (ahead.TryDequeue(out CodeState? state))
        {
            while (seen.Count < MaxInstructions && seen.Add(state.Address))
            {
                if (isThere(state))
                {
                    return;
                }

                if (!IsCode(state.Address) || !_code.TryDecode(state.Address, out Instruction instruction) || !Continue(instruction, state, ahead, returned))
                {
                    break;
                }
            }
        }
    }

    /// <summary>Takes the state behind the instruction; false where the way ends.</summary>
    private bool Continue(in Instruction instruction, CodeState state, Queue<CodeState> ahead, Action<CodeState>? returned)
    {
        switch (instruction.FlowControl)
        {
            case FlowControl.Return:
                if (instruction.Mnemonic == Mnemonic.Ret)
                {
                    returned?.Invoke(state);
                }

                return false;

            case FlowControl.UnconditionalBranch:
                state.Address = instruction.NearBranchTarget;
                return true;

            case FlowControl.ConditionalBranch:
                ahead.Enqueue(state.At(instruction.NearBranchTarget));
                break;

            case FlowControl.Call or FlowControl.IndirectCall:
                // It keeps the stack pointer, and what it must keep.
                break;

            case FlowControl.Next when instruction.Mnemonic != Mnemonic.Hlt:
                state.Apply(instruction, _information);
                break;

            default:
                return false;
        }

        state.Address = instruction.NextIP;
        return true;
    }

    private bool IsCode(ulong address)
    {
        foreach ((TargetAddress start, TargetAddress end) in module.ExecutableRanges)
        {
            if (address >= start.Value && address < end.Value)
            {
                return true;
            }
        }

        return false;
    }
}
