using Blindspot.Analysis.Stacks;
using Blindspot.Model;
using Blindspot.Target;

namespace Blindspot.Export.Json;

/// <summary>The words of schema <c>blindspot.stacks/1</c>. They are part of it: a name in the code may change, they may not.</summary>
public static class StacksWords
{
    public static string Of(StackEnd end) => end switch
    {
        StackEnd.Complete => "complete",
        StackEnd.NoRegisters => "no-registers",
        StackEnd.NotInCode => "not-in-code",
        StackEnd.NoUnwindInfo => "no-unwind-info",
        StackEnd.MalformedUnwindInfo => "malformed-unwind-info",
        StackEnd.MemoryUnreadable => "memory-unreadable",
        StackEnd.RegisterUnknown => "register-unknown",
        StackEnd.NotAscending => "not-ascending",
        StackEnd.SwitchInconsistent => "switch-inconsistent",
        StackEnd.SwitchUnknown => "switch-unknown",
        StackEnd.TooManyFrames => "too-many-frames",
        _ => "other",
    };

    public static string Of(FoundBy foundBy) => foundBy switch
    {
        FoundBy.Registers => "registers",
        FoundBy.Cfi => "cfi",
        FoundBy.RuntimeTable => "runtime-table",
        FoundBy.FramePointer => "frame-pointer",
        FoundBy.SignalFrame => "signal-frame",
        FoundBy.StackSwitch => "stack-switch",
        FoundBy.Disassembly => "disassembly",
        FoundBy.Search => "search",
        FoundBy.ReturnAddress => "return-address",
        _ => "other",
    };

    public static string Of(ThreadKind kind) => kind switch
    {
        ThreadKind.Runtime => "runtime",
        ThreadKind.InC => "in-c",
        ThreadKind.Foreign => "foreign",
        ThreadKind.ForeignInRuntime => "foreign-in-runtime",
        ThreadKind.Native => "native",
        _ => "other",
    };

    public static string Of(Consistency consistency) => consistency switch
    {
        Consistency.Exact => "exact",
        Consistency.Still => "still",
        _ => "possibly-torn",
    };
}
