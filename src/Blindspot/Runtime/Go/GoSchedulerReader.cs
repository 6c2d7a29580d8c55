using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>Reads runtime.sched and the Ps (Go: src/runtime/runtime2.go, schedt and p).</summary>
internal static class GoSchedulerReader
{
    /// <summary>More Ps than this are not believed.</summary>
    private const ulong MaxProcessors = 1 << 16;

    private static readonly string[] StatusNames = ["idle", "running", "syscall", "gcstop", "dead"];

    public static RuntimeScheduler? Read(TargetMemory memory, GoLayout layout, GoGlobals globals, Dictionary<TargetAddress, int> threads, GapLog gaps)
    {
        if (globals.Sched.IsZero || globals.AllP.IsZero)
        {
            return null;
        }

        byte[] bytes = new byte[layout[GoField.SchedGcWaiting] + 8];
        if (!memory.TryReadExactly(globals.Sched, bytes)
            || !new GoGlobalsCheck(memory, layout).TryReadSlice(globals.AllP, out TargetAddress first, out ulong count)
            || count > MaxProcessors)
        {
            gaps.Add("runtime", "scheduler-unreadable", "The state of the scheduler could not be read.", globals.Sched);
            return null;
        }

        List<RuntimeProcessor> processors = new((int)count);
        byte[] processor = new byte[layout.EndOf(GoField.PId, GoField.PStatus, GoField.PM, GoField.PRunQueueHead, GoField.PRunQueueTail, GoField.PRunNext)];
        for (ulong i = 0; i < count; i++)
        {
            if (!memory.TryReadAddress(first + (i * 8), out TargetAddress address) || !memory.TryReadExactly(address, processor))
            {
                gaps.Add("runtime", "processor-unreadable", "Some of the scheduler's processors could not be read.");
                continue;
            }

            processors.Add(ReadProcessor(new GoStruct(processor, layout), threads));
        }

        GoStruct sched = new(bytes, layout);
        return new RuntimeScheduler(
            (int)count,
            processors,
            Math.Max(0, sched.Int32(GoField.SchedRunQueueSize)),
            Math.Max(0, sched.Int32(GoField.SchedIdleMCount)),
            Math.Max(0, sched.Int32(GoField.SchedSpinningMCount)),
            sched.Flag(GoField.SchedGcWaiting));
    }

    private static RuntimeProcessor ReadProcessor(GoStruct p, Dictionary<TargetAddress, int> threads)
    {
        // The queue is a ring of 256; head and tail count on and wrap.
        uint queued = p.UInt32(GoField.PRunQueueTail) - p.UInt32(GoField.PRunQueueHead);
        uint status = p.UInt32(GoField.PStatus);
        TargetAddress machine = p.Address(GoField.PM);
        return new RuntimeProcessor(
            p.Int32(GoField.PId),
            status < StatusNames.Length ? StatusNames[status] : $"status {status}",
            (int)Math.Min(queued, 256) + (p.Address(GoField.PRunNext).IsZero ? 0 : 1),
            !machine.IsZero && threads.TryGetValue(machine, out int thread) && thread != 0 ? thread : null);
    }
}
