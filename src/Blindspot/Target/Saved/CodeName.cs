namespace Blindspot.Target.Saved;

/// <summary>
/// How a frame was named where a snapshot was taken: kept for whoever reads it without the files that told the name.
/// </summary>
/// <param name="Function">Demangled.</param>
/// <param name="ShortFunction">Without parameters; null where it is the same.</param>
/// <param name="File">Null when not known.</param>
/// <param name="Line">0 when not known.</param>
/// <param name="IsInlined">Into the next of the frame's names.</param>
/// <param name="Language">"c", "c++" or "rust".</param>
public sealed record CodeName(string Function, string? ShortFunction, string? File, int Line, bool IsInlined, string Language);
