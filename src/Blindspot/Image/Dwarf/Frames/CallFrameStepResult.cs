namespace Blindspot.Image.Dwarf.Frames;

/// <summary>What following a row to the caller came to.</summary>
public enum CallFrameStepResult : byte
{
    Stepped,

    /// <summary>The return address is declared undefined: this is the first frame of its thread.</summary>
    EndOfStack,

    /// <summary>Memory that a rule names cannot be read.</summary>
    MemoryUnreadable,

    /// <summary>A register that a rule needs is not known.</summary>
    RegisterUnknown,

    /// <summary>An expression is malformed, or the row has no usable rule for the CFA or the return address.</summary>
    Malformed,
}
