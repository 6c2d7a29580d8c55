namespace Blindspot.Image.Pclntab;

/// <summary>Bits of a function's entry, the same since Go 1.17 (Go: src/internal/abi/symtab.go, FuncFlag).</summary>
[Flags]
public enum GoFunctionFlags : byte
{
    None = 0,

    /// <summary>The outermost function of a stack: goexit, mstart, rt0_go, and so on.</summary>
    TopFrame = 1,

    /// <summary>It writes sp in ways that the table of stack depths can't tell.</summary>
    WritesStackPointer = 2,

    /// <summary>Written in assembly.</summary>
    Assembly = 4,
}
