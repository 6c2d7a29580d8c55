using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Blindspot.LiveTests.Target;

/// <summary>
/// A program of Programs/*.c, compiled on first use and running until it is disposed of. It is no child of ours but of a
/// shell that has ended: the runtime takes a child's ptrace stops for exits.
/// </summary>
internal sealed class CProgram : IDisposable
{
    private const string Detach = "exec 3<&0; \"$@\" <&3 3<&- & echo pid $!";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, string> Compiled = [];
    private readonly Process _shell;

    private CProgram(Process shell, int pid, string readyLine)
    {
        _shell = shell;
        Pid = pid;
        ReadyLine = readyLine;
    }

    internal int Pid { get; }

    /// <summary>What it printed when it was ready, split at blanks.</summary>
    internal string ReadyLine { get; }

    internal string[] ReadyWords => ReadyLine.Split(' ');

    internal static string Compile(string name, string flags = "-O1 -pthread")
    {
        lock (Gate)
        {
            if (!Compiled.TryGetValue(name + flags, out string? path))
            {
                string directory = Directory.CreateTempSubdirectory("blindspot-test-").FullName;
                Shell.Run("chmod", $"755 {directory}");
                path = Path.Combine(directory, name);
                Shell.Run("gcc", $"{flags} -o {path} {Path.Combine(SourceDirectory(), name + ".c")}");
                Compiled.Add(name + flags, path);
            }

            return path;
        }
    }

    /// <summary>Starts it and waits for the line that begins with "ready".</summary>
    internal static CProgram Start(string name, string arguments = "") => StartFile(Compile(name), arguments);

    internal static CProgram StartFile(string path, string arguments = "")
    {
        ProcessStartInfo start = new("/bin/sh") { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["-c", Detach, "sh", path, .. arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)])
        {
            start.ArgumentList.Add(argument);
        }

        Process shell = Process.Start(start)!;
        int pid = 0;
        string? ready = null;
        while ((pid == 0 || ready is null) && shell.StandardOutput.ReadLine() is { } line)
        {
            if (line.StartsWith("pid ", StringComparison.Ordinal))
            {
                pid = int.Parse(line.AsSpan(4));
            }
            else if (line.StartsWith("ready", StringComparison.Ordinal))
            {
                ready = line;
            }
        }

        Assert.NotNull(ready);
        return new CProgram(shell, pid, ready);
    }

    internal void SendLine()
    {
        _shell.StandardInput.WriteLine();
        _shell.StandardInput.Flush();
    }

    public void Dispose()
    {
        Shell.Kill(Pid);
        _shell.Dispose();
    }

    private static string SourceDirectory([CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "Programs");
}
