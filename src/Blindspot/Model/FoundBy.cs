namespace Blindspot.Model;

/// <summary>How a frame was found.</summary>
public enum FoundBy
{
    /// <summary>The leaf: a thread's registers, or those that a runtime saved for a parked task.</summary>
    Registers,

    /// <summary>Call frame information of the file (.eh_frame, .debug_frame).</summary>
    Cfi,

    /// <summary>The runtime's own table of stack depths (Go's pcsp).</summary>
    RuntimeTable,

    /// <summary>The chain of saved frame pointers.</summary>
    FramePointer,

    /// <summary>Registers that the kernel saved on the stack when a signal came.</summary>
    SignalFrame,

    /// <summary>A switch to another stack that the runtime made (Go's asmcgocall, cgocallback, systemstack, mcall, morestack).</summary>
    StackSwitch,

    /// <summary>Following the code, from its function's start or on to its return, where no table describes it.</summary>
    Disassembly,

    /// <summary>
    /// Searching: the stack for the return address of a call of this very function, where a register that the frame hangs on
    /// could not be read; the code for where a function without symbol begins, where nothing else describes it.
    /// </summary>
    Search,

    /// <summary>The return address read from the top of the stack, where a function has just been entered.</summary>
    ReturnAddress,
}
