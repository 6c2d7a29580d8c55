using Blindspot.Arch.X64;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>
/// Waits in the kernel that a thread can be taken out of and put back into, by beginning the same system call anew with
/// the same arguments, without the program's noticing: those without an end, or with one at a fixed time, or whose
/// remaining time the kernel writes into the program's memory.
/// </summary>
/// <remarks>
/// <para>
/// The others: epoll_wait, semop, sigtimedwait, io_getevents, pause and sockets with a time limit give EINTR after any stop
/// (signal(7)). nanosleep, and poll and futex for some time from now, go on after a stop by restart_syscall, with what the
/// kernel has noted in the thread; but rt_sigreturn makes the kernel forget that note (restore_sigcontext in
/// arch/x86/kernel/signal_64.c), so that they would end with EINTR if we died in the middle of an injection.
/// </para>
/// </remarks>
internal static class RestartableWait
{
    private const ulong Read = 0;
    private const ulong Poll = 7;
    private const ulong Select = 23;
    private const ulong Wait4 = 61;
    private const ulong Futex = 202;
    private const ulong ClockNanosleep = 230;
    private const ulong WaitId = 247;
    private const ulong SelectWithMask = 270;
    private const ulong PollWithMask = 271;

    private const ulong FutexOptions = 128 | 256;
    private const ulong FutexWait = 0;
    private const ulong FutexWaitUntil = 9;
    private const ulong AbsoluteTime = 1;

    // include/linux/errno.h; user space never sees them.
    private const long Restart = -512;
    private const long RestartAlways = -513;
    private const long RestartUnlessHandled = -514;
    private const long RestartByNote = -516;

    /// <summary>
    /// Whether a stopped thread was interrupted in such a wait, and so that it will be begun anew. Where the kernel would do
    /// that by its note, the registers are changed so that it does it by the arguments: else the thread would be in
    /// restart_syscall from then on, and nobody could tell in which wait. A signal's handler ends it with EINTR either way.
    /// </summary>
    internal static bool IsInterrupted(int pid, int tid, ref UserRegisters registers)
    {
        if ((long)registers.Rax is not (Restart or RestartAlways or RestartUnlessHandled or RestartByNote)
            || !IsIn(pid, tid, registers.OriginalRax, registers.Rdi, registers.Rsi, registers.Rdx, registers.R10))
        {
            return false;
        }

        if ((long)registers.Rax == RestartByNote)
        {
            registers.Rax = unchecked((ulong)RestartUnlessHandled);
        }

        return true;
    }

    /// <summary>Whether a thread is in such a wait, as far as can be told while it is not stopped.</summary>
    internal static bool IsIn(int pid, int tid, X64ThreadState state) =>
        state.Registers.TryGet(X64Register.Rdi, out ulong first) && state.Registers.TryGet(X64Register.Rsi, out ulong second)
        && state.Registers.TryGet(X64Register.Rdx, out ulong third) && state.Registers.TryGet(X64Register.R10, out ulong fourth)
        && IsIn(pid, tid, (ulong)state.OriginalRax, first, second, third, fourth);

    /// <summary>Whether a system call with these arguments is such a wait.</summary>
    internal static bool IsIn(int pid, int tid, ulong number, ulong first, ulong second, ulong third, ulong fourth) => number switch
    {
        Futex => IsFutex(second, fourth),
        Poll => (int)third < 0,
        Select or SelectWithMask or PollWithMask or Wait4 or WaitId => true,
        ClockNanosleep => (second & AbsoluteTime) != 0,
        Read => IsPipeOrTerminal(RawFile.ReadLink($"/proc/{pid}/task/{tid}/fd/{(int)first}", out _)),
        _ => false,
    };

    private static bool IsFutex(ulong operation, ulong timeout) => (operation & ~FutexOptions) switch
    {
        FutexWait => timeout == 0,
        FutexWaitUntil => true,
        _ => false,
    };

    private static bool IsPipeOrTerminal(string? file) => file is not null
        && (file.StartsWith("pipe:[", StringComparison.Ordinal) || file.StartsWith("/dev/pts/", StringComparison.Ordinal)
            || file.StartsWith("/dev/tty", StringComparison.Ordinal) || file == "anon_inode:[eventfd]");
}
