namespace Blindspot.Image.Dwarf.Frames;

/// <summary>How the caller's value of a register is found (DWARF 5, section 6.4.1).</summary>
public enum RegisterRuleKind : byte
{
    /// <summary>The table says nothing: the ABI decides.</summary>
    Unspecified,

    /// <summary>The value is lost. For the return address: there is no caller.</summary>
    Undefined,

    SameValue,

    /// <summary>In memory at CFA + N.</summary>
    Offset,

    /// <summary>It is CFA + N.</summary>
    ValueOffset,

    /// <summary>It is in another register.</summary>
    Register,

    /// <summary>In memory at the address that an expression computes.</summary>
    Expression,

    /// <summary>An expression computes it.</summary>
    ValueExpression,
}
