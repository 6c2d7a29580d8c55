using System.Globalization;
using System.Text;
using Blindspot.Interop;
using Blindspot.Target.Live;

namespace Blindspot.Collect;

/// <summary>What our BPF programs need of the machine and of us, so that a failure to load them can be put into words.</summary>
internal sealed record BpfConditions
{
    private const int SeccompFilter = 2;

    /// <summary>As uname -r tells it; empty if it is not known.</summary>
    internal required string KernelRelease { get; init; }

    /// <summary>Whether the kernel describes its types (BTF).</summary>
    internal required bool HasTypeInformation { get; init; }

    /// <summary>/sys/kernel/security/lockdown, with the mode that holds in brackets; empty if it is not known.</summary>
    internal required string Lockdown { get; init; }

    internal required ulong? Capabilities { get; init; }

    /// <summary>We run behind a filter of system calls (seccomp).</summary>
    internal required bool IsFiltered { get; init; }

    internal static BpfConditions Here()
    {
        _ = ProcThreads.TryReadOwnStatus(out ProcStatus own);
        return new BpfConditions
        {
            KernelRelease = ReadLine("/proc/sys/kernel/osrelease"),
            HasTypeInformation = File.Exists("/sys/kernel/btf/vmlinux"),
            Lockdown = ReadLine("/sys/kernel/security/lockdown"),
            Capabilities = own.EffectiveCapabilities,
            IsFiltered = own.Seccomp == SeccompFilter,
        };
    }

    /// <summary>All that stands in the way; what the kernel or libbpf said where nothing is known to.</summary>
    internal string Explain(string said)
    {
        List<string> reasons = [];
        if (IsOlderThanIterators())
        {
            reasons.Add($"kernel {KernelRelease} is older than 5.8, the first that shows its threads to BPF programs");
        }

        if (!HasTypeInformation)
        {
            reasons.Add("the kernel does not describe its types in /sys/kernel/btf/vmlinux (it was built without BTF, or /sys is not mounted here)");
        }

        if (Capabilities is { } held && !Capability.Has(held, Capability.SysAdmin)
            && !(Capability.Has(held, Capability.Bpf) && Capability.Has(held, Capability.Perfmon)))
        {
            reasons.Add("we have neither CAP_SYS_ADMIN, as root does outside of containers, nor both CAP_BPF and CAP_PERFMON");
        }

        if (Lockdown.Contains("[confidentiality]", StringComparison.Ordinal))
        {
            reasons.Add("the kernel is locked down to confidentiality, in which no BPF program may read its memory");
        }

        if (reasons.Count > 0)
        {
            return string.Join("; ", reasons);
        }

        return IsFiltered ? $"{said}, most likely by the filter of system calls (seccomp) that we run behind" : said;
    }

    // "5.10.0-32-cloud-amd64". A release that does not begin so is none that we know to be too old.
    private bool IsOlderThanIterators()
    {
        string[] parts = KernelRelease.Split('.', '-');
        return parts.Length > 1
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int minor)
            && (major, minor).CompareTo((5, 8)) < 0;
    }

    private static string ReadLine(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        int length = RawFile.ReadAt(path, buffer, out _);
        return length > 0 ? Encoding.ASCII.GetString(buffer[..length]).Trim() : "";
    }
}
