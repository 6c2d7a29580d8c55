namespace Blindspot.Collect;

/// <summary>What /proc makes of the kernel's task fields, for those that BPF read raw.</summary>
internal static class TaskState
{
    private const uint Reported = 0x7f;
    private const uint Uninterruptible = 0x02;
    private const uint Idle = Uninterruptible | 0x400;
    private const uint LockWait = 0x1000;
    private const uint Frozen = 0x8000;

    /// <summary>task_state_to_char (include/linux/sched.h): the highest bit of state and exit state picks the letter.</summary>
    internal static char ToLetter(uint state, uint exitState)
    {
        uint reported = (state | exitState) & Reported;
        if ((state & Idle) == Idle)
        {
            return 'I';
        }

        if ((state & (LockWait | Frozen)) != 0)
        {
            reported = Uninterruptible;
        }

        const string letters = "RSDTtXZP";
        int index = reported == 0 ? 0 : System.Numerics.BitOperations.Log2(reported) + 1;
        return letters[index];
    }

    /// <summary>The exact time on a processor, divided as the ticks sampled it (cputime_adjust, kernel/sched/cputime.c).</summary>
    internal static (TimeSpan User, TimeSpan System) DivideTime(ulong runNanoseconds, ulong userSampled, ulong systemSampled)
    {
        ulong user = systemSampled == 0
            ? runNanoseconds
            : (ulong)((UInt128)runNanoseconds * userSampled / ((UInt128)userSampled + systemSampled));
        return (FromNanoseconds(user), FromNanoseconds(runNanoseconds - user));
    }

    private static TimeSpan FromNanoseconds(ulong nanoseconds) => new((long)(nanoseconds / 100));
}
