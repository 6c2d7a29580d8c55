using Blindspot.Primitives;

namespace Blindspot.Image.Pclntab;

/// <summary>One function of a <see cref="GoFunctionTable"/>: numbers only, names are made when asked for.</summary>
public readonly record struct GoFunction
{
    /// <summary>Place in the table, by address.</summary>
    public required int Index { get; init; }

    public required ImageOffset Entry { get; init; }

    /// <summary>Where the next function of the table begins; padding between counts to the former.</summary>
    public required ImageOffset End { get; init; }

    /// <summary>Go's number for special functions; differs between versions, see <see cref="Kind"/>.</summary>
    public required byte FuncId { get; init; }

    public required GoFunctionKind Kind { get; init; }

    public required GoFunctionFlags Flags { get; init; }

    /// <summary>Offset of the name in the table of names.</summary>
    public required int NameOffset { get; init; }

    /// <summary>Offset of the function's record from the table's start.</summary>
    internal int Record { get; init; }

    /// <summary>Bytes of the record before its lists of pc-value tables and function data.</summary>
    internal int RecordSize { get; init; }

    internal uint StackDepths { get; init; }

    internal uint FileNumbers { get; init; }

    internal uint LineNumbers { get; init; }

    internal uint PcDataCount { get; init; }

    internal uint CompilationUnit { get; init; }

    internal byte FunctionDataCount { get; init; }

    public bool IsTopFrame => (Flags & GoFunctionFlags.TopFrame) != 0;
}
