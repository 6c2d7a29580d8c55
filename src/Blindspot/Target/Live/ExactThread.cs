namespace Blindspot.Target.Live;

/// <summary>A thread as it was while it stood still.</summary>
/// <param name="Thread">Its registers, exact.</param>
/// <param name="Memory">The live memory, but its stack as it was then.</param>
/// <param name="Stopped">How long it stood.</param>
public sealed record ExactThread(ThreadSnapshot Thread, TargetMemory Memory, TimeSpan Stopped);
