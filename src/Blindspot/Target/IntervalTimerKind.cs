namespace Blindspot.Target;

/// <summary>The first argument of getitimer(2).</summary>
public enum IntervalTimerKind
{
    /// <summary>Counts time, sends SIGALRM.</summary>
    Real = 0,

    /// <summary>Counts the process's time in user mode, sends SIGVTALRM.</summary>
    Virtual = 1,

    /// <summary>Counts the process's time in user mode and in the kernel, sends SIGPROF.</summary>
    Profiling = 2,
}
