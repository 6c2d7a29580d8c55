using Blindspot.Interop;
using Blindspot.Primitives;
using Blindspot.Target.Live;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Target;

/// <summary>
/// The identity of one live process, which a later process with the same number cannot be confused with. Opening it
/// finds out whether it can be read at all; if not, a <see cref="BlindspotException"/> says why in one sentence.
/// </summary>
public sealed class TargetProcess : IDisposable
{
    private readonly SafeFileHandle? _descriptor;

    private TargetProcess(SafeFileHandle? descriptor) => _descriptor = descriptor;

    /// <summary>Its id in our PID namespace.</summary>
    public required int Pid { get; init; }

    /// <summary>Its id in its own innermost PID namespace.</summary>
    public required int InnerPid { get; init; }

    /// <summary>comm of the process.</summary>
    public required string Name { get; init; }

    /// <summary>Path of the executable inside the target's mount namespace; null where it cannot be told.</summary>
    public required string? ExecutablePath { get; init; }

    /// <summary>Hundredths of a second from boot to its start.</summary>
    public required ulong StartTicks { get; init; }

    /// <summary>/proc/sys/kernel/random/boot_id.</summary>
    public required string BootId { get; init; }

    /// <summary>Inode of the PID namespace in which <see cref="Pid"/> is meant (ours).</summary>
    public required uint PidNamespace { get; init; }

    /// <summary>
    /// The thread through which the address space is reached: the leader, unless it has ended while others run on
    /// (pthread_exit in main), for then it has no memory any more.
    /// </summary>
    public required int MemoryThread { get; init; }

    /// <summary>As it was when the process was opened.</summary>
    internal IReadOnlyDictionary<ulong, ulong> AuxiliaryVector { get; private init; } = new Dictionary<ulong, ulong>();

    public bool HasExited
    {
        get
        {
            if (_descriptor is not null)
            {
                return PidDescriptor.HasExited(_descriptor);
            }

            return !ProcThreads.TryReadStat(Pid, Pid, out ProcStat stat, out _) || stat.StartTicks != StartTicks;
        }
    }

    /// <summary>Opens the process with the given id, or the only one with that name.</summary>
    /// <exception cref="BlindspotException">There is none, more than one has the name, or it cannot be read.</exception>
    public static TargetProcess Open(string pidOrName)
    {
        ProcMount.Require();
        return Open(int.TryParse(pidOrName, out int pid) ? pid : ProcessNames.Resolve(pidOrName));
    }

    /// <exception cref="BlindspotException">There is no such process, or it cannot be read.</exception>
    public static TargetProcess Open(int pid)
    {
        ProcMount.Require();
        if (pid == Environment.ProcessId)
        {
            throw new BlindspotException($"Process {pid} is blindspot itself, which cannot look at itself: give the id of another process.");
        }

        SafeFileHandle? descriptor = pid > 0 ? PidDescriptor.TryOpen(pid, out _) : null;
        try
        {
            return Examine(pid, descriptor);
        }
        catch
        {
            descriptor?.Dispose();
            throw;
        }
    }

    /// <summary>Who traces it now ("gdb", 1234); null if nobody does.</summary>
    public (int Pid, string Name)? FindTracer()
    {
        if (!ProcThreads.TryReadStatus(Pid, MemoryThread, out ProcStatus status) || status.TracerPid is null or 0)
        {
            return null;
        }

        int tracer = status.TracerPid.Value;
        string name = ProcThreads.TryReadStat(tracer, tracer, out ProcStat stat, out _) ? stat.Name : "?";
        return (tracer, name);
    }

    public override string ToString() => $"process {Pid} ({Name})";

    public void Dispose() => _descriptor?.Dispose();

    private static TargetProcess Examine(int pid, SafeFileHandle? descriptor)
    {
        if (pid <= 0 || !ProcThreads.TryReadStat(pid, pid, out ProcStat stat, out _))
        {
            throw new BlindspotException(pid > 0 && PidDescriptor.Exists(pid)
                ? $"Process {pid} is there, but /proc hides it from user {Libc.GetEffectiveUser()} (it is mounted with hidepid). Run as root or with CAP_SYS_PTRACE (sudo)."
                : $"There is no process {pid} that we can see (those of other PID namespaces are hidden from us).");
        }

        bool hasStatus = ProcThreads.TryReadStatus(pid, pid, out ProcStatus status);
        if (hasStatus && status.ProcessId is { } leader && leader != pid)
        {
            throw new BlindspotException($"{pid} is a thread of process {leader} ({stat.Name}): give {leader} instead.");
        }

        if (stat.IsKernelThread)
        {
            throw new BlindspotException($"Process {pid} ({stat.Name}) is a thread of the kernel: it has no user code to look at.");
        }

        int memoryThread = FindMemoryThread(pid, stat);
        using RemoteMemory? memory = RemoteMemory.TryOpen(memoryThread, out Errno error);
        byte[]? auxiliary = memory is null
            ? null
            : ProcAuxiliaryVector.Read(memoryThread, out error) ?? InitialStack.ReadAuxiliaryVector(memory, stat.StackStart);
        if (auxiliary is null)
        {
            throw error is Errno.NoEntry or Errno.NoProcess
                ? new BlindspotException($"Process {pid} ({stat.Name}) ended while it was opened.")
                : new BlindspotException(memory is null
                    ? ProcessPermission.Ours().Explain(pid, stat.Name, status)
                    : $"Process {pid} ({stat.Name}) cannot be read: /proc/{pid}/auxv, {error.Describe()}. For processes of other users it takes CAP_DAC_READ_SEARCH besides CAP_SYS_PTRACE, or root.");
        }

        if (ProcAuxiliaryVector.Is32Bit(auxiliary))
        {
            throw new BlindspotException($"Process {pid} ({stat.Name}) is a 32-bit program; only 64-bit x86 programs can be looked at.");
        }

        return new TargetProcess(descriptor)
        {
            Pid = pid,
            InnerPid = status.InnerTid ?? pid,
            Name = stat.Name,
            ExecutablePath = ProcessNames.Executable(pid),
            StartTicks = stat.StartTicks,
            BootId = ReadLine("/proc/sys/kernel/random/boot_id"),
            PidNamespace = ReadNamespace(),
            MemoryThread = memoryThread,
            AuxiliaryVector = ProcAuxiliaryVector.Parse(auxiliary),
        };
    }

    private static int FindMemoryThread(int pid, ProcStat leader)
    {
        if (!leader.HasEnded)
        {
            return pid;
        }

        List<int> tids = [];
        ProcThreads.List(pid, tids, Limits.Default);
        foreach (int tid in tids)
        {
            if (ProcThreads.TryReadStat(pid, tid, out ProcStat stat, out _) && !stat.HasEnded)
            {
                return tid;
            }
        }

        throw new BlindspotException(
            $"Process {pid} ({leader.Name}) has ended and only waits for its parent, process {leader.Parent}, to take note (a zombie): nothing is left to look at.");
    }

    private static string ReadLine(string path)
    {
        Span<byte> buffer = stackalloc byte[256];
        int length = RawFile.ReadAt(path, buffer, out _);
        return length > 0 ? System.Text.Encoding.ASCII.GetString(buffer[..length]).Trim() : "unknown";
    }

    // The link reads "pid:[4026531836]".
    private static uint ReadNamespace()
    {
        string? link = RawFile.ReadLink("/proc/self/ns/pid", out _);
        int open = link?.IndexOf('[', StringComparison.Ordinal) ?? -1;
        return open > 0 && uint.TryParse(link.AsSpan(open + 1).TrimEnd(']'), out uint inode)
            ? inode
            : throw new BlindspotException("/proc/self/ns/pid cannot be read, so that process ids cannot be told apart.");
    }
}
