using System.Diagnostics;

namespace Blindspot.LiveTests.Target;

internal static class Shell
{
    /// <summary>Runs a command to its end and returns its output; the test fails if the command does.</summary>
    internal static string Run(string file, string arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{file} {arguments}: exit code {process.ExitCode}");
        return output;
    }

    /// <summary>Ends a process, if it is still there.</summary>
    internal static void Kill(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Waits until a condition holds; the test fails if it does not within 30 seconds.</summary>
    internal static void Until(Func<bool> condition, string what)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(waited.Elapsed < TimeSpan.FromSeconds(30), what);
            Thread.Sleep(2);
        }
    }

    /// <summary>A field of /proc/PID/status as text.</summary>
    internal static string StatusField(int pid, string name)
    {
        foreach (string line in File.ReadLines($"/proc/{pid}/status"))
        {
            if (line.StartsWith(name + ":", StringComparison.Ordinal))
            {
                return line[(name.Length + 1)..].Trim();
            }
        }

        return "";
    }
}
