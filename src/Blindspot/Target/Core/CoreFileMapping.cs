namespace Blindspot.Target.Core;

/// <summary>One entry of NT_FILE: which file lay at which addresses.</summary>
internal readonly record struct CoreFileMapping(ulong Start, ulong End, ulong FileOffset, string Path, bool IsDeleted);
