namespace Blindspot.Unwind;

/// <summary>What an address on a stack is counted from.</summary>
internal enum CodeBase : byte
{
    Unknown,

    /// <summary>The stack pointer where the code was entered.</summary>
    Sp,

    /// <summary>The value of rbp there.</summary>
    Bp,
}

/// <summary>An address as code computes it: so many bytes from a register's value at the place where following it began.</summary>
internal readonly record struct CodeValue(CodeBase Base, long Offset)
{
    public static CodeValue Unknown => default;

    public bool IsKnown => Base != CodeBase.Unknown;

    public static CodeValue operator +(CodeValue value, long bytes) =>
        value.IsKnown ? value with { Offset = value.Offset + bytes } : Unknown;
}
