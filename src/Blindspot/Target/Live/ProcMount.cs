using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// /proc, which must be the one of our own PID namespace: its ids are handed to system calls, and those of another
/// namespace would there be other processes.
/// </summary>
internal static class ProcMount
{
    /// <exception cref="BlindspotException">It is not mounted, or it is another namespace's.</exception>
    internal static void Require()
    {
        if (!ProcThreads.TryReadOwnStatus(out ProcStatus own))
        {
            // A /proc of a namespace that does not contain us has everything but "self".
            throw new BlindspotException(File.Exists("/proc/version") || Directory.Exists("/proc/1")
                ? "/proc here shows another PID namespace, in which we are not, so that its process ids mean nothing to us. " + Advice
                : "/proc is not mounted here, so that no process can be found. Mount it (mount -t proc proc /proc), or bind that of the host's.");
        }

        if (!IsOurs(own, Environment.ProcessId))
        {
            throw new BlindspotException(
                "/proc here is that of another PID namespace, one around ours: its process ids are not those that system calls take in ours. " + Advice);
        }
    }

    /// <param name="own">What /proc/self/status tells.</param>
    /// <param name="ownId">What getpid(2) tells.</param>
    internal static bool IsOurs(in ProcStatus own, int ownId) =>
        own.ProcessId == ownId && own.Levels is null or 1;

    private static string Advice =>
        "Start blindspot where /proc and PID namespace agree (in Kubernetes: hostPID or shareProcessNamespace; docker: --pid=host), or mount one that fits (mount -t proc proc /proc).";
}
