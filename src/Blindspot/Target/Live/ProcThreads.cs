using System.Globalization;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>The ids in /proc/PID/task. The list may lack threads that begin while it is read.</summary>
internal static class ProcThreads
{
    /// <summary>Fills <paramref name="tids"/>, which is cleared first; leaves it empty for a process that is gone.</summary>
    internal static void List(int pid, List<int> tids, Limits limits)
    {
        tids.Clear();
        try
        {
            foreach (string path in Directory.EnumerateDirectories($"/proc/{pid}/task"))
            {
                if (tids.Count >= limits.MaxThreads)
                {
                    break;
                }

                if (int.TryParse(path.AsSpan(path.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int tid))
                {
                    tids.Add(tid);
                }
            }
        }
        catch (IOException)
        {
            // The process ended while it was listed; what was seen so far stands.
        }
        catch (UnauthorizedAccessException)
        {
        }
    }

    internal static bool TryReadStat(int pid, int tid, out ProcStat stat, out Errno error)
    {
        Span<byte> buffer = stackalloc byte[1024];
        int length = RawFile.ReadAt($"/proc/{pid}/task/{tid}/stat", buffer, out error);
        stat = default;
        if (length <= 0)
        {
            return false;
        }

        try
        {
            stat = ProcStat.Parse(buffer[..length]);
            return true;
        }
        catch (MalformedDataException)
        {
            return false;
        }
    }

    internal static bool TryReadStatus(int pid, int tid, out ProcStatus status) =>
        TryReadStatus($"/proc/{pid}/task/{tid}/status", out status);

    /// <summary>That of our own process, as this /proc tells it; false where it does not show us.</summary>
    internal static bool TryReadOwnStatus(out ProcStatus status) => TryReadStatus("/proc/self/status", out status);

    private static bool TryReadStatus(string path, out ProcStatus status)
    {
        Span<byte> buffer = stackalloc byte[8192];
        int length = RawFile.ReadAt(path, buffer, out _);
        status = length > 0 ? ProcStatus.Parse(buffer[..length]) : default;
        return length > 0;
    }
}
