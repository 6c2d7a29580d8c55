using System.Runtime.InteropServices;

namespace Blindspot.Interop;

/// <summary>perf_event_open(2).</summary>
internal static unsafe class PerfEvent
{
    private const int OpenCall = 298;
    private const int AllThreads = -1;
    private const nint CloseOnExec = 8;

    /// <summary>
    /// A clock that ticks on one processor, whatever runs there but idling; not started. Returns its descriptor, or -1
    /// with the error: <see cref="Errno.NoDevice"/> where the processor is not online.
    /// </summary>
    internal static int OpenCpuClock(int processor, ulong periodNanoseconds, out Errno error)
    {
        const uint software = 1; // PERF_TYPE_SOFTWARE, whose event 0 is PERF_COUNT_SW_CPU_CLOCK
        const ulong disabled = 1 << 0;
        const ulong excludeIdle = 1 << 7;
        Attributes attributes = new()
        {
            Type = software,
            Size = (uint)sizeof(Attributes),
            SamplePeriod = periodNanoseconds,
            Flags = disabled | excludeIdle,
        };
        int descriptor = (int)Libc.SyscallOfFive(OpenCall, (nint)(&attributes), AllThreads, processor, -1, CloseOnExec);
        error = descriptor < 0 ? Libc.LastError : Errno.None;
        return descriptor;
    }

    internal static void Close(int descriptor) => _ = Libc.Close(descriptor);

    /// <summary>struct perf_event_attr in its first form (PERF_ATTR_SIZE_VER0).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Attributes
    {
        internal uint Type;
        internal uint Size;
        internal ulong Config;
        internal ulong SamplePeriod;
        internal ulong SampleType;
        internal ulong ReadFormat;
        internal ulong Flags;
        internal uint WakeUpEvents;
        internal uint BreakpointType;
        internal ulong BreakpointAddress;
    }
}
