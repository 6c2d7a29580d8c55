using System.Diagnostics;

namespace Blindspot.Tests;

/// <summary>Programs of the machine that tests compare with or build fixtures by. A test whose tool is missing is skipped, and says which.</summary>
internal static class ExternalTool
{
    public static string Run(string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(tool)) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{tool} ended with {process.ExitCode}: {errors.Result}");
        return output;
    }

    /// <summary>The tool's path; skips the test when it is not installed.</summary>
    public static string Find(string tool)
    {
        if (tool.Contains('/'))
        {
            Assert.SkipUnless(File.Exists(tool), $"{tool} is not there");
            return tool;
        }

        foreach (string directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':'))
        {
            string path = Path.Combine(directory, tool);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"{tool} is not installed");
        return tool;
    }
}
