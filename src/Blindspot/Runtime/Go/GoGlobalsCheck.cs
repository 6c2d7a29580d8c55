using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Tells whether what lies at an address can be one of the runtime's global variables, by relations that hold between
/// its structures at all times (Go: src/runtime/runtime2.go, proc.go).
/// </summary>
internal sealed class GoGlobalsCheck(TargetMemory memory, GoLayout layout)
{
    /// <summary>Elements of a slice or list that are looked at.</summary>
    private const int Samples = 16;

    /// <summary>The largest stack of a goroutine is 1 GiB (runtime.maxstacksize), a thread's may be larger.</summary>
    private const ulong MaxStackBytes = 1UL << 36;

    /// <summary>User addresses have 47 bits, with five levels of page tables 56; the runtime's objects are aligned.</summary>
    public static bool IsPointer(TargetAddress address) => address.Value is >= 0x1000 and < (1UL << 56) && (address.Value & 7) == 0;

    /// <summary>A slice of pointers to gs: the goroutine that a g's saved registers belong to is itself (newproc1, oneNewExtraM).</summary>
    public bool IsAllGs(TargetAddress address)
    {
        if (!TryReadSlice(address, out TargetAddress first, out ulong count) || count == 0)
        {
            return false;
        }

        int seen = 0;
        int good = 0;
        for (ulong i = 0; i < count && seen < Samples; i++)
        {
            seen++;
            if (memory.TryReadAddress(first + (i * 8), out TargetAddress g) && IsG(g))
            {
                good++;
            }
        }

        // One that is being made at this moment may not be complete yet.
        return good > 0 && good >= seen - 1;
    }

    /// <summary>The head of a list of Ms: each m's g0 names the m.</summary>
    public bool IsAllM(TargetAddress address)
    {
        if (!memory.TryReadAddress(address, out TargetAddress m) || !IsM(m))
        {
            return false;
        }

        for (int i = 0; i < Samples; i++)
        {
            if (!memory.TryReadAddress(m + (ulong)layout[GoField.MAllLink], out m))
            {
                return false;
            }

            if (m.IsZero)
            {
                return true;
            }

            if (!IsM(m))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A slice of Ps in order of their ids; a P's m, if any, is an M.</summary>
    public bool IsAllP(TargetAddress address)
    {
        if (!TryReadSlice(address, out TargetAddress first, out ulong count) || count is 0 or > 1 << 20)
        {
            return false;
        }

        for (ulong i = 0; i < Math.Min(count, Samples); i++)
        {
            if (!memory.TryReadAddress(first + (i * 8), out TargetAddress p)
                || !IsPointer(p)
                || !memory.TryReadUInt32(p + (ulong)layout[GoField.PId], out uint id)
                || id != i
                || !memory.TryReadUInt32(p + (ulong)layout[GoField.PStatus], out uint status)
                || status > 4
                || !memory.TryReadAddress(p + (ulong)layout[GoField.PM], out TargetAddress m)
                || (!m.IsZero && !IsM(m)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The scheduler: counts of Ms and Ps that agree with the lists of them, and a run queue of gs.</summary>
    public bool IsSched(TargetAddress address, TargetAddress allP)
    {
        ulong processors = 0;
        if (!allP.IsZero && !TryReadSlice(allP, out _, out processors))
        {
            return false;
        }

        return TryReadField(address, GoField.SchedNextM, out ulong created)
            && created is > 0 and < (1UL << 31)
            && TryReadCount(address, GoField.SchedIdleMCount, out int idle)
            && (ulong)idle <= created
            && TryReadCount(address, GoField.SchedMaxMCount, out int most)
            && most > 0
            && TryReadCount(address, GoField.SchedIdlePCount, out int idleProcessors)
            && (allP.IsZero || (ulong)idleProcessors <= processors)
            && TryReadCount(address, GoField.SchedRunQueueSize, out _)
            && TryReadField(address, GoField.SchedRunQueueHead, out ulong head)
            && (head == 0 || IsG(new TargetAddress(head)))
            && TryReadField(address, GoField.SchedIdleM, out ulong idleM)
            && (idleM == 0 || IsM(new TargetAddress(idleM)));
    }

    public bool IsG(TargetAddress g) =>
        IsPointer(g)
        && memory.TryReadAddress(g + (ulong)layout[GoField.GSchedG], out TargetAddress self)
        && self == g
        && memory.TryReadUInt64(g + (ulong)layout[GoField.GStackLow], out ulong low)
        && memory.TryReadUInt64(g + (ulong)layout[GoField.GStackHigh], out ulong high)
        && low <= high
        && high - low <= MaxStackBytes
        && memory.TryReadUInt32(g + (ulong)layout[GoField.GStatus], out uint status)
        && (status & 0xfff) <= 15;

    public bool IsM(TargetAddress m) =>
        IsPointer(m)
        && memory.TryReadAddress(m + (ulong)layout[GoField.MG0], out TargetAddress g0)
        && IsPointer(g0)
        && memory.TryReadAddress(g0 + (ulong)layout[GoField.GM], out TargetAddress owner)
        && owner == m;

    public bool TryReadSlice(TargetAddress address, out TargetAddress first, out ulong count)
    {
        count = 0;
        return memory.TryReadAddress(address, out first)
            && memory.TryReadUInt64(address + 8, out count)
            && memory.TryReadUInt64(address + 16, out ulong capacity)
            && count <= capacity
            && capacity < 1UL << 40
            && (count == 0 || IsPointer(first));
    }

    private bool TryReadField(TargetAddress address, GoField field, out ulong value) =>
        memory.TryReadUInt64(address + (ulong)layout[field], out value);

    private bool TryReadCount(TargetAddress address, GoField field, out int value)
    {
        bool read = memory.TryReadUInt32(address + (ulong)layout[field], out uint raw);
        value = (int)raw;
        return read && value >= 0;
    }
}
