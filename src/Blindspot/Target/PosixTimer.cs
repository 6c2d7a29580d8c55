using Blindspot.Target.Live;

namespace Blindspot.Target;

/// <summary>A timer of timer_create(2), as /proc/PID/timers tells it.</summary>
/// <param name="Id">The kernel's number of it, in this process.</param>
/// <param name="Signal">What it sends; without meaning where it notifies nobody.</param>
/// <param name="Value">sigev_value: a number or an address that its owner chose.</param>
/// <param name="Notification">How it notifies.</param>
/// <param name="TargetTid">The one thread that it notifies, by its id in our PID namespace; null for any of the process.</param>
/// <param name="Clock">clockid_t; negative for CPU clocks by process, thread or descriptor.</param>
public sealed record PosixTimer(int Id, int Signal, ulong Value, TimerNotification Notification, int? TargetTid, int Clock)
{
    /// <summary>What glibc takes for itself (SIGTIMER, nptl/internaltypes.h).</summary>
    private const int GlibcTimerSignal = 32;
    private const int ThreadCpuClock = 3;

    /// <summary>
    /// It runs a function in a thread of the C library's (SIGEV_THREAD). The kernel does not know that kind: glibc has its
    /// own signal sent to a thread of its own.
    /// </summary>
    public bool IsLibraryThread =>
        Notification == TimerNotification.Thread || (Notification == TimerNotification.Signal && Signal == GlibcTimerSignal && TargetTid is not null);

    /// <summary>
    /// It counts CPU time of a thread, as Go's profiler has one for each of its own (CLOCK_THREAD_CPUTIME_ID; glibc writes
    /// that as 0b110 in the low bits of a negative number, posix-timers_types.h).
    /// </summary>
    public bool CountsThreadTime => Clock == ThreadCpuClock || (Clock < 0 && (Clock & 0b111) == 0b110);

    /// <summary>Those of a process; null where they cannot be told (a core; the snapshot's gaps say why else).</summary>
    public static IReadOnlyList<PosixTimer>? ReadAll(Snapshot snapshot) =>
        snapshot.ReadProcFile(ProcFile.Timers) is { } text ? Parse(text.Span) : null;

    /// <summary>Four lines for each (show_timer in fs/proc/base.c): ID, signal/value, notify/target, ClockID.</summary>
    public static IReadOnlyList<PosixTimer> Parse(ReadOnlySpan<byte> text)
    {
        List<PosixTimer> timers = [];
        while (!text.IsEmpty)
        {
            int next = text[1..].IndexOf("\nID:"u8);
            ReadOnlySpan<byte> one = next < 0 ? text : text[..(next + 1)];
            text = next < 0 ? default : text[(next + 2)..];
            if (TryParseOne(one, out PosixTimer? timer))
            {
                timers.Add(timer!);
            }
        }

        return timers;
    }

    private static bool TryParseOne(ReadOnlySpan<byte> text, out PosixTimer? timer)
    {
        timer = null;
        ReadOnlySpan<byte> signal = ProcText.Field(text, "signal"u8);
        ReadOnlySpan<byte> notify = ProcText.Field(text, "notify"u8);
        int slash = signal.IndexOf((byte)'/');
        if (slash < 0
            || !TryTakeInt(ProcText.Field(text, "ID"u8), out int id)
            || !TryTakeInt(signal, out int number)
            || !TryTakeInt(ProcText.Field(text, "ClockID"u8), out int clock)
            || !TryTakeHex(signal[(slash + 1)..], out ulong value)
            || !TryParseNotify(notify, out TimerNotification notification, out int? tid))
        {
            return false;
        }

        timer = new PosixTimer(id, number, value, notification, tid, clock);
        return true;
    }

    // signal/tid.4711
    private static bool TryParseNotify(ReadOnlySpan<byte> text, out TimerNotification notification, out int? tid)
    {
        tid = null;
        notification = TimerNotification.Signal;
        int slash = text.IndexOf((byte)'/');
        if (slash < 0)
        {
            return false;
        }

        ReadOnlySpan<byte> kind = text[..slash];
        ReadOnlySpan<byte> target = text[(slash + 1)..];
        if (kind.SequenceEqual("none"u8))
        {
            notification = TimerNotification.None;
        }
        else if (kind.SequenceEqual("thread"u8))
        {
            notification = TimerNotification.Thread;
        }
        else if (!kind.SequenceEqual("signal"u8))
        {
            return false;
        }

        if (!target.StartsWith("tid."u8))
        {
            return target.StartsWith("pid."u8);
        }

        bool isNumber = TryTakeInt(target[4..], out int thread);
        tid = thread;
        return isNumber;
    }

    private static bool TryTakeInt(ReadOnlySpan<byte> text, out int value)
    {
        int at = 0;
        bool isTaken = ProcText.TryTakeNumber(text, ref at, out ulong number);
        value = unchecked((int)number);
        return isTaken && unchecked((ulong)value) == number;
    }

    private static bool TryTakeHex(ReadOnlySpan<byte> text, out ulong value)
    {
        int at = 0;
        return ProcText.TryTakeHex(text, ref at, out value);
    }
}
