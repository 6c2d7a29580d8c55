using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>
/// The runtime's record of one module (Go: src/runtime/symtab.go, moduledata), read from the target, where addresses
/// have been relocated.
/// </summary>
/// <param name="Address">Where the record lies.</param>
/// <param name="Header">The function table's header.</param>
/// <param name="PclnTable">The part of the table that holds the index and the functions' records.</param>
/// <param name="PclnTableSize">Its size in bytes.</param>
/// <param name="MinPc">First byte of Go code.</param>
/// <param name="MaxPc">First byte behind it.</param>
/// <param name="Text">What the function table's entries count from.</param>
/// <param name="TextEnd">End of the text.</param>
/// <param name="FunctionData">What offsets of function data count from (gofunc); zero where the version's layout is not known.</param>
/// <param name="Next">The next module's record, zero at the end; null where the layout is not known.</param>
public sealed record GoModuleData(
    TargetAddress Address,
    TargetAddress Header,
    TargetAddress PclnTable,
    ulong PclnTableSize,
    TargetAddress MinPc,
    TargetAddress MaxPc,
    TargetAddress Text,
    TargetAddress TextEnd,
    TargetAddress FunctionData,
    TargetAddress? Next);
