using System.Globalization;
using System.Text;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>Whether we may read a process (PTRACE_MODE_ATTACH, ptrace(2) "Ptrace access mode checking"), and what is missing if not.</summary>
internal static class ProcessPermission
{
    private const int SysPtrace = 19;

    /// <summary>Asks without touching it: rights are checked before the address, and address 0 is never mapped.</summary>
    internal static bool MayRead(int tid, out Errno error)
    {
        Span<byte> one = stackalloc byte[1];
        _ = ProcessMemory.Read(tid, 0, one, out error);
        return error is Errno.None or Errno.Fault;
    }

    internal static string Explain(int pid, string name, ProcStatus target)
    {
        string start = $"Process {pid} ({name}) may not be read: ";
        uint self = Libc.GetEffectiveUser();
        bool hasCapability = ProcThreads.TryReadStatus(Environment.ProcessId, Environment.ProcessId, out ProcStatus own)
            && own.EffectiveCapabilities is { } capabilities && (capabilities >> SysPtrace & 1) != 0;
        if (hasCapability)
        {
            return start + "we have CAP_SYS_PTRACE here, so it is in a user namespace where that does not hold, or a security module (AppArmor, SELinux, Yama at 3) forbids it.";
        }

        if (target.EffectiveUser is { } user && user != self)
        {
            return start + $"it belongs to user {user} and we are user {self}. Run as root or with CAP_SYS_PTRACE (sudo).";
        }

        int yama = ReadYama();
        return start + yama switch
        {
            >= 3 => "kernel.yama.ptrace_scope is 3, which forbids it to everybody until the next boot.",
            2 => "kernel.yama.ptrace_scope is 2, which allows it to administrators only. Run as root or with CAP_SYS_PTRACE (sudo).",
            1 => "kernel.yama.ptrace_scope is 1, which allows it to a process's ancestors only. Run as root or with CAP_SYS_PTRACE (sudo), or set it to 0 (sysctl).",
            _ => "it has changed its user, has more capabilities than we, or has made itself undumpable (PR_SET_DUMPABLE). Run as root or with CAP_SYS_PTRACE (sudo).",
        };
    }

    private static int ReadYama()
    {
        Span<byte> buffer = stackalloc byte[16];
        int length = RawFile.ReadAt("/proc/sys/kernel/yama/ptrace_scope", buffer, out _);
        return length > 0 && int.TryParse(Encoding.ASCII.GetString(buffer[..length]), CultureInfo.InvariantCulture, out int scope) ? scope : 0;
    }
}
