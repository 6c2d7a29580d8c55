namespace Blindspot.Model;

/// <summary>A processor of the scheduler (Go's P).</summary>
/// <param name="Id">Its number.</param>
/// <param name="Status">"idle", "running", "syscall", "gcstop", "dead".</param>
/// <param name="RunQueue">Tasks in its own queue, the next one included.</param>
/// <param name="WorkerInnerTid">The thread it is bound to; null if none.</param>
public sealed record RuntimeProcessor(int Id, string Status, int RunQueue, int? WorkerInnerTid);
