using System.Diagnostics;

namespace Blindspot.Tests.Cli.Commands;

/// <summary>The program as the shell sees it. Each test starts it, so there are few.</summary>
public sealed class ProcessTests
{
    [Theory]
    [InlineData("--version", 0, "^blindspot [0-9]+\\.[0-9]+\\.[0-9]+\n$")]
    [InlineData("--help", 0, "\nCommands\n  doctor TARGET ")]
    [InlineData("stacks --help", 0, "\n  --how watch\\|proc\\|stop ")]
    public void Answers(string arguments, int exitCode, string expected)
    {
        (int actual, string output, string error) = Run(arguments);
        Assert.Equal(exitCode, actual);
        Assert.Matches(expected, output);
        Assert.DoesNotContain('\x1b', output);
        Assert.Equal("", error);
    }

    [Theory]
    [InlineData("frobnicate", "'frobnicate' is no command")]
    [InlineData("stacks", "TARGET")]
    [InlineData("stacks 1 --frobnicate", "'--frobnicate'")]
    public void MisuseIsOneSentenceOnStandardError(string arguments, string expected)
    {
        (int exitCode, string output, string error) = Run(arguments);
        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.StartsWith("blindspot: ", error);
        Assert.Contains(expected, error);
        Assert.Equal(1, error.Count(static c => c == '\n'));
    }

    [Fact]
    public void AFullDeviceIsAnError()
    {
        (int exitCode, _, string error) = Run("--help > /dev/full");
        Assert.Equal(2, exitCode);
        Assert.StartsWith("blindspot: Writing to standard output failed", error);
        Assert.Equal(1, error.Count(static c => c == '\n'));
    }

    [Fact]
    public void AReaderThatWentAwayIsNoReasonToComplain()
    {
        (_, _, string error) = Run("--help | true");
        Assert.Equal("", error);
    }

    /// <summary>Through a shell, for redirections.</summary>
    private static (int ExitCode, string Output, string Error) Run(string arguments)
    {
        string program = Path.Combine(AppContext.BaseDirectory, "Blindspot.Cli.dll");
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add($"dotnet exec '{program}' {arguments}");
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }
}
