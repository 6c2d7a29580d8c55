using System.Diagnostics;
using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Support;

/// <summary>A program started by way of others (setpriv, unshare, …) that has said "ready"; ended with them when disposed.</summary>
internal sealed class LaunchedTarget : IDisposable
{
    private readonly Process _launcher;

    private LaunchedTarget(Process launcher, int pid)
    {
        _launcher = launcher;
        Pid = pid;
    }

    /// <summary>The id of the program itself, as seen from here.</summary>
    public int Pid { get; }

    public bool IsRunning => !_launcher.HasExited && Shell.StatusField(Pid, "State") is { Length: > 0 } state && state[0] is not ('Z' or 'X');

    public static LaunchedTarget Start(string program, params string[] words)
    {
        ProcessStartInfo start = new(words[0]) { RedirectStandardOutput = true, RedirectStandardInput = true, RedirectStandardError = true };
        foreach (string word in words.AsSpan(1))
        {
            start.ArgumentList.Add(word);
        }

        Process launcher = Process.Start(start) ?? throw new InvalidOperationException($"{words[0]} did not start");
        string said = launcher.StandardOutput.ReadLine() ?? launcher.StandardError.ReadToEnd();
        int? pid = said.StartsWith("ready", StringComparison.Ordinal) ? Find(launcher.Id, Path.GetFileName(program)) : null;
        if (pid is null)
        {
            launcher.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{string.Join(' ', words)} did not get ready: {said}");
        }

        ProcessRest.Await(pid.Value);
        return new LaunchedTarget(launcher, pid.Value);
    }

    public void SendLine() => _launcher.StandardInput.WriteLine();

    public void Dispose()
    {
        Shell.Kill(Pid);
        if (!_launcher.WaitForExit(TimeSpan.FromSeconds(5)))
        {
            _launcher.Kill(entireProcessTree: true);
        }

        _launcher.Dispose();
    }

    /// <summary>The process itself or the one below it that runs the program.</summary>
    private static int? Find(int pid, string name)
    {
        string executable = new FileInfo($"/proc/{pid}/exe").LinkTarget ?? "";
        if (Path.GetFileName(executable) == name)
        {
            return pid;
        }

        foreach (string child in File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Find(int.Parse(child), name) is { } found)
            {
                return found;
            }
        }

        return null;
    }
}
