using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Analysis.Stacks;

/// <summary>Why a stack ended, in a sentence.</summary>
internal static class StackEndSentences
{
    public static string? Describe(StackEnd end, TargetAddress address) => end switch
    {
        StackEnd.Complete => null,
        StackEnd.NoRegisters => "its registers could not be read",
        StackEnd.NotInCode => $"{address} is not in any mapped code",
        StackEnd.NoUnwindInfo => $"nothing describes the frame at {address}",
        StackEnd.MalformedUnwindInfo => $"the unwind data for {address} are damaged",
        StackEnd.MemoryUnreadable => $"the stack at {address} could not be read",
        StackEnd.RegisterUnknown => $"the frame at {address} needs a register whose value is not known there",
        StackEnd.NotAscending => $"the frame at {address} leads back to itself",
        StackEnd.SwitchInconsistent => $"what the change of stacks left at {address} does not fit together, likely because the thread ran on",
        StackEnd.SwitchUnknown => $"how the runtime changes stacks at {address} is not known for this version",
        StackEnd.TooManyFrames => "it is longer than the limit",
        _ => "unknown reason",
    };
}
