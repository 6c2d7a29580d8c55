namespace Blindspot.Image.Dwarf.Expressions;

/// <summary>How the evaluation of an expression ended.</summary>
public enum ExpressionOutcome : byte
{
    Value,

    /// <summary>Memory it needs cannot be read.</summary>
    MemoryUnreadable,

    /// <summary>It needs a register that is not known.</summary>
    RegisterUnknown,

    /// <summary>It does not follow the format, ran too long, or uses an operation that has no meaning here.</summary>
    Malformed,
}
