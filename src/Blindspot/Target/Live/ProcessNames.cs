using System.Globalization;
using System.Text;
using Blindspot.Interop;
using Blindspot.Primitives;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Target.Live;

/// <summary>Processes by name: by comm, which the kernel cuts at 15 bytes, or by the file name of the executable.</summary>
internal static class ProcessNames
{
    private const int MaxListed = 10;
    private const string DeletedMark = " (deleted)";

    /// <exception cref="BlindspotException">No process has the name, or more than one.</exception>
    internal static int Resolve(string name)
    {
        List<int> found = [];
        foreach (string path in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(path.AsSpan(path.LastIndexOf('/') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int pid)
                && pid != Environment.ProcessId
                && ProcThreads.TryReadStat(pid, pid, out ProcStat stat, out _)
                && !stat.IsKernelThread && !stat.HasEnded
                && (stat.Name == name || Path.GetFileName(Executable(pid)) == name))
            {
                found.Add(pid);
            }
        }

        found.Sort();
        return found.Count switch
        {
            1 => found[0],
            0 => throw new BlindspotException($"There is no process named {name} that we can see."),
            _ => throw new BlindspotException($"{found.Count} processes are named {name}; give the id of one: {List(found)}."),
        };
    }

    /// <summary>The executable's path as the target sees it; null where it cannot be told.</summary>
    internal static string? Executable(int pid)
    {
        string? path = RawFile.ReadLink($"/proc/{pid}/exe", out _);
        return path is not null && path.EndsWith(DeletedMark, StringComparison.Ordinal) && !IsNameOfExecutable(pid, path)
            ? path[..^DeletedMark.Length]
            : path;
    }

    /// <summary>A file may really be called "… (deleted)".</summary>
    private static bool IsNameOfExecutable(int pid, string path)
    {
        using SafeFileHandle? root = RawFile.TryRefer($"/proc/{pid}/root", out _);
        using SafeFileHandle? executable = RawFile.TryRefer($"/proc/{pid}/exe", out _);
        using SafeFileHandle? named = root is null ? null : RootedPath.TryRefer(root, path, out _);
        return executable is not null && named is not null && RawFile.Identify(named) is { } found && found == RawFile.Identify(executable);
    }

    private static string List(List<int> pids)
    {
        StringBuilder text = new();
        for (int i = 0; i < pids.Count && i < MaxListed; i++)
        {
            text.Append(i == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{pids[i]} ({CommandLine(pids[i])})");
        }

        return pids.Count > MaxListed ? text.Append(", …").ToString() : text.ToString();
    }

    private static string CommandLine(int pid)
    {
        Span<byte> buffer = stackalloc byte[80];
        int length = RawFile.ReadAt($"/proc/{pid}/cmdline", buffer, out _);
        if (length <= 0)
        {
            return "?";
        }

        Span<byte> text = buffer[..length].TrimEnd((byte)0);
        text.Replace((byte)0, (byte)' ');
        return Encoding.UTF8.GetString(text);
    }
}
