using Blindspot.Analysis.Stacks;
using Blindspot.Arch.X64;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor;

/// <summary>
/// Finds threads that wait for a mutex of the C library's: in futex(2), called by a function that locks one. The mutex names
/// its owner by thread id, 8 bytes from its start, as glibc lays it out (sysdeps/x86/nptl/bits/struct_mutex.h).
/// </summary>
public static class LockWaitReader
{
    private const long SystemCallFutex = 202;
    private const ulong OperationMask = 0x7f;
    private const ulong FutexWait = 0;
    private const ulong FutexLockPi = 6;
    private const ulong FutexWaitBitset = 9;
    private const ulong FutexLockPi2 = 13;
    private const ulong OwnerOffset = 8;

    private static readonly string[] LockingFunctions = ["pthread_mutex_lock", "___pthread_mutex_lock", "__pthread_mutex_lock", "pthread_mutex_timedlock", "__pthread_mutex_timedlock"];

    public static IReadOnlyList<LockWait> Read(Snapshot snapshot, StacksReport stacks)
    {
        Dictionary<int, int> tidByInner = [];
        foreach (ThreadSnapshot thread in snapshot.Threads)
        {
            tidByInner[thread.InnerTid] = thread.Tid;
        }

        Dictionary<int, ReportThread> reported = stacks.Threads.ToDictionary(static thread => thread.Tid);
        var waits = new List<LockWait>();
        foreach (ThreadSnapshot thread in snapshot.Threads)
        {
            if (AddressOf(thread) is { } address
                && reported.TryGetValue(thread.Tid, out ReportThread? seen)
                && IsLocking(stacks, seen)
                && TryReadOwner(snapshot, address, out uint owner))
            {
                waits.Add(new LockWait(thread.Tid, address, "mutex", tidByInner.TryGetValue((int)owner, out int tid) ? tid : null));
            }
        }

        return waits;
    }

    /// <summary>The futex that a thread sleeps on; null when it does not.</summary>
    public static TargetAddress? AddressOf(ThreadSnapshot thread)
    {
        if (thread.State64 is not { OriginalRax: SystemCallFutex } state
            || !state.Registers.TryGet(X64Register.Rdi, out ulong address)
            || !state.Registers.TryGet(X64Register.Rsi, out ulong operation))
        {
            return null;
        }

        return (operation & OperationMask) is FutexWait or FutexLockPi or FutexWaitBitset or FutexLockPi2 ? new TargetAddress(address) : null;
    }

    // A thread's id is no contents: it stays where these are left out.
    private static bool TryReadOwner(Snapshot snapshot, TargetAddress mutex, out uint owner)
    {
        if (snapshot.Log is not { } log)
        {
            return snapshot.Memory.TryReadUInt32(mutex + OwnerOffset, out owner);
        }

        bool before = log.IsReadingStructure;
        log.IsReadingStructure = true;
        bool isRead = snapshot.Memory.TryReadUInt32(mutex + OwnerOffset, out owner);
        log.IsReadingStructure = before;
        return isRead;
    }

    private static bool IsLocking(StacksReport stacks, ReportThread thread)
    {
        const int Near = 6;
        foreach (int index in stacks.Stacks[thread.Stack].Frames.Take(Near))
        {
            if (stacks.Frames[index].Symbol.Function is { } function && LockingFunctions.Contains(function))
            {
                return true;
            }
        }

        return false;
    }
}
