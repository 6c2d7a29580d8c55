namespace Blindspot.Model;

/// <summary>Why a stack ended.</summary>
public enum StackEnd
{
    /// <summary>At the start of its thread or task.</summary>
    Complete,

    /// <summary>The registers of the thread could not be read.</summary>
    NoRegisters,

    /// <summary>The program counter lies in no mapped code.</summary>
    NotInCode,

    /// <summary>Nothing describes this code's frames.</summary>
    NoUnwindInfo,

    /// <summary>Unwind data is there and malformed.</summary>
    MalformedUnwindInfo,

    /// <summary>Stack memory could not be read.</summary>
    MemoryUnreadable,

    /// <summary>A rule needs a register whose value is not known there.</summary>
    RegisterUnknown,

    /// <summary>The stack did not go up: a frame led to itself or below.</summary>
    NotAscending,

    /// <summary>A switch of stacks whose data contradict each other, mostly because the thread ran on.</summary>
    SwitchInconsistent,

    /// <summary>A switch of stacks that this version of the runtime makes in a way not known here.</summary>
    SwitchUnknown,

    /// <summary>More frames than the limit.</summary>
    TooManyFrames,
}
