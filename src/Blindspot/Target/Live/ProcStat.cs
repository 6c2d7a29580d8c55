using System.Text;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>The fields of /proc/PID/stat that we use (proc_pid_stat(5)).</summary>
/// <param name="Name">comm, not escaped.</param>
/// <param name="Flags">PF_* of include/linux/sched.h.</param>
/// <param name="UserTicks">In hundredths of a second (USER_HZ is 100 on every Linux).</param>
/// <param name="StartTicks">Hundredths of a second since boot.</param>
/// <param name="StackStart">Where the kernel put the program's arguments; 0 for who may not know.</param>
internal readonly record struct ProcStat(
    string Name,
    char State,
    int Parent,
    uint Flags,
    ulong UserTicks,
    ulong SystemTicks,
    ulong StartTicks,
    ulong StackStart)
{
    private const uint KernelThreadFlag = 0x00200000;

    /// <summary>Of the children that the process waited for.</summary>
    internal ulong ChildUserTicks { get; private init; }

    internal ulong ChildSystemTicks { get; private init; }

    internal bool IsKernelThread => (Flags & KernelThreadFlag) != 0;

    internal bool HasEnded => State is 'Z' or 'X' or 'x';

    internal static TimeSpan FromTicks(ulong ticks) => new((long)(ticks * (TimeSpan.TicksPerSecond / 100)));

    internal static ProcStat Parse(ReadOnlySpan<byte> text)
    {
        // The name may hold spaces and parentheses itself: it ends at the last one.
        int open = text.IndexOf((byte)'(');
        int close = text.LastIndexOf((byte)')');
        if (open < 0 || close < open || close + 4 > text.Length)
        {
            throw new MalformedDataException("/proc/PID/stat", 0, "no name in parentheses");
        }

        ReadOnlySpan<byte> rest = text[(close + 2)..];
        char state = (char)rest[0];
        Span<ulong> fields = stackalloc ulong[29];
        fields.Clear();
        int field = 4;
        int at = 1;
        while (field < fields.Length && ProcText.TryTakeNumber(rest, ref at, out ulong value))
        {
            fields[field++] = value;
        }

        if (field <= 22)
        {
            throw new MalformedDataException("/proc/PID/stat", close, $"{field} fields");
        }

        return new ProcStat(
            Encoding.UTF8.GetString(text[(open + 1)..close]), state, (int)fields[4], (uint)fields[9], fields[14], fields[15], fields[22], fields[28])
        {
            ChildUserTicks = fields[16],
            ChildSystemTicks = fields[17],
        };
    }
}
