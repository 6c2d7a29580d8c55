using Microsoft.Win32.SafeHandles;

namespace Blindspot.Interop;

/// <summary>A handle on one process that a later process with the same number can't be confused with (pidfd_open(2), kernel 5.3).</summary>
internal static unsafe class PidDescriptor
{
    private const nint OpenNumber = 434;
    private const short PollIn = 1;

    internal static SafeFileHandle? TryOpen(int pid, out Errno error)
    {
        nint descriptor = Libc.Syscall(OpenNumber, pid, 0, 0, 0);
        error = descriptor < 0 ? Libc.LastError : Errno.None;
        return descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
    }

    /// <summary>Whether a process with that id is there, seen in /proc or not (kill(2) with signal 0).</summary>
    internal static bool Exists(int pid) => Libc.Kill(pid, 0) == 0 || Libc.LastError == Errno.NotPermitted;

    /// <summary>Whether the process has ended (all of its threads): the descriptor is then readable.</summary>
    internal static bool HasExited(SafeFileHandle descriptor)
    {
        Libc.PollDescriptor poll = new() { Descriptor = (int)descriptor.DangerousGetHandle(), Events = PollIn };
        int ready;
        do
        {
            ready = Libc.Poll(&poll, 1, 0);
        }
        while (ready < 0 && Libc.LastError == Errno.Interrupted);

        return ready > 0;
    }
}
