namespace Blindspot.Target;

/// <summary>
/// The texts of /proc/PID that a snapshot can hold (proc(5)). A short list on purpose: nothing in it holds contents of
/// memory (as environ and cmdline do), so that all may be kept where contents are left out.
/// </summary>
public enum ProcFile
{
    /// <summary>POSIX timers; <see cref="PosixTimer"/> reads it. Not in kernels without checkpoint and restore.</summary>
    Timers,

    /// <summary>That of the thread through which memory is reached (the leader, unless it has ended).</summary>
    Status,

    /// <summary>Of the whole process.</summary>
    Stat,

    /// <summary>
    /// Sums over all mappings. Making it walks the process's page tables, with its memory map locked for reading: 15 ms and
    /// more for each GiB of small pages. Read it where it is needed alone.
    /// </summary>
    SmapsRollup,

    Limits,

    Cgroup,

    /// <summary>
    /// No file of its own: the fdinfo of each descriptor that is a signalfd or a pidfd, behind a line that tells its number
    /// and kind; <see cref="SignalDescriptor"/> and <see cref="ProcessDescriptor"/> read it.
    /// </summary>
    SignalDescriptors,
}
