using System.Numerics;

namespace Blindspot.Target.Live;

/// <summary>Capabilities by their numbers (include/uapi/linux/capability.h).</summary>
internal static class Capability
{
    internal const int SysPtrace = 19;
    internal const int SysAdmin = 21;
    internal const int Perfmon = 38;
    internal const int Bpf = 39;

    private static readonly string[] Names =
    [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP", "LINUX_IMMUTABLE",
        "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER", "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT",
        "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE",
        "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
        "PERFMON", "BPF", "CHECKPOINT_RESTORE",
    ];

    internal static bool Has(ulong? set, int number) => set is { } bits && (bits >> number & 1) != 0;

    /// <summary>"CAP_KILL, CAP_SETUID and 3 more".</summary>
    internal static string List(ulong set)
    {
        const int shown = 3;
        List<string> names = [];
        for (ulong rest = set; rest != 0 && names.Count < shown; rest &= rest - 1)
        {
            int number = BitOperations.TrailingZeroCount(rest);
            names.Add(number < Names.Length ? "CAP_" + Names[number] : $"capability {number}");
        }

        int more = BitOperations.PopCount(set) - names.Count;
        return string.Join(", ", names) + (more > 0 ? $" and {more} more" : "");
    }
}
