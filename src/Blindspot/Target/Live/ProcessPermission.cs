using System.Globalization;
using System.Text;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>
/// What is missing where a process may not be read (PTRACE_MODE_ATTACH, ptrace(2) "Ptrace access mode checking"). The
/// kernel says no more than EPERM: its checks are gone through here in their order.
/// </summary>
/// <param name="Self">Our own status.</param>
/// <param name="User">Our effective user.</param>
/// <param name="IsInitialUserNamespace">Our capabilities hold for all processes, not just those of a user namespace.</param>
/// <param name="Yama">kernel.yama.ptrace_scope; 0 where there is no Yama.</param>
internal readonly record struct ProcessPermission(ProcStatus Self, uint User, bool IsInitialUserNamespace, int Yama)
{
    /// <summary>Containers take capabilities from root, who cannot be told to become root then.</summary>
    private string Remedy => User == 0
        ? "Give blindspot CAP_SYS_PTRACE (docker: --cap-add SYS_PTRACE; Kubernetes: securityContext.capabilities.add)."
        : "Run as root or with CAP_SYS_PTRACE (sudo).";

    internal static ProcessPermission Ours()
    {
        _ = ProcThreads.TryReadOwnStatus(out ProcStatus self);
        return new ProcessPermission(self, Libc.GetEffectiveUser(), MapsAllUsers(), ReadYama());
    }

    internal string Explain(int pid, string name, ProcStatus target) => $"Process {pid} ({name}) may not be read: " + Reason(target);

    private string Reason(ProcStatus target)
    {
        if (Capability.Has(Self.EffectiveCapabilities, Capability.SysPtrace))
        {
            return IsInitialUserNamespace
                ? "we have CAP_SYS_PTRACE, so a security module (AppArmor, SELinux, Yama at 3) forbids it, or a mark on that process does. The kernel's log may tell (dmesg)."
                : "we have CAP_SYS_PTRACE only within our own user namespace, and it belongs to another. Run blindspot outside of it, as root.";
        }

        if (target.EffectiveUser is { } user && user != User)
        {
            return $"it belongs to user {user} and we are user {User}. {Remedy}";
        }

        if (target.RealUser != target.EffectiveUser || target.SavedUser != target.EffectiveUser)
        {
            return $"it runs as several users at once (real {target.RealUser}, effective {target.EffectiveUser}, saved {target.SavedUser}), as setuid programs do. {Remedy}";
        }

        if (target.PermittedCapabilities is { } theirs && Self.PermittedCapabilities is { } ours && (theirs & ~ours) != 0)
        {
            return $"it has capabilities that we have not ({Capability.List(theirs & ~ours)}). {Remedy}";
        }

        return Yama switch
        {
            >= 3 => "kernel.yama.ptrace_scope is 3, which forbids it to everybody until the next boot.",
            2 => $"kernel.yama.ptrace_scope is 2, which allows it to administrators only. {Remedy}",
            1 => "kernel.yama.ptrace_scope is 1, which allows it to a process's ancestors only. Run as root or with CAP_SYS_PTRACE (sudo), or set it to 0 (sysctl).",
            _ => $"it has made itself undumpable (PR_SET_DUMPABLE), has changed its user or group, or its executable may not be read by us; or it belongs to another user namespace. {Remedy}",
        };
    }

    // The initial namespace maps every id to itself (user_namespaces(7)).
    private static bool MapsAllUsers()
    {
        Span<byte> buffer = stackalloc byte[256];
        int length = RawFile.ReadAt("/proc/self/uid_map", buffer, out _);
        int at = 0;
        ReadOnlySpan<byte> text = buffer[..Math.Max(0, length)];
        return length <= 0
            || (ProcText.TryTakeNumber(text, ref at, out ulong inside) && ProcText.TryTakeNumber(text, ref at, out ulong outside)
                && ProcText.TryTakeNumber(text, ref at, out ulong count) && inside == 0 && outside == 0 && count == uint.MaxValue);
    }

    private static int ReadYama()
    {
        Span<byte> buffer = stackalloc byte[16];
        int length = RawFile.ReadAt("/proc/sys/kernel/yama/ptrace_scope", buffer, out _);
        return length > 0 && int.TryParse(Encoding.ASCII.GetString(buffer[..length]), CultureInfo.InvariantCulture, out int scope) ? scope : 0;
    }
}
