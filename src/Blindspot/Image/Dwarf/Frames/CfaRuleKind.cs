namespace Blindspot.Image.Dwarf.Frames;

/// <summary>How the canonical frame address is found.</summary>
public enum CfaRuleKind : byte
{
    /// <summary>No instruction defined it; such a row cannot be used.</summary>
    None,

    /// <summary>A register plus an offset.</summary>
    RegisterOffset,

    /// <summary>An expression computes it.</summary>
    Expression,
}
