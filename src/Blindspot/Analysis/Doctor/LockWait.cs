using Blindspot.Primitives;

namespace Blindspot.Analysis.Doctor;

/// <summary>A thread that waits for a lock of the C library's.</summary>
/// <param name="Tid">Ours.</param>
/// <param name="Address">The lock.</param>
/// <param name="Lock">"mutex", or "futex" for a word of unknown kind.</param>
/// <param name="Owner">Tid (ours) of the thread that holds it; null where that is not known.</param>
public sealed record LockWait(int Tid, TargetAddress Address, string Lock, int? Owner);
