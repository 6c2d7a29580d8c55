using System.Diagnostics;

namespace Blindspot.LiveTests.Signals;

/// <summary>A program that is ready and answers each line of its input by one line, until it ends or hangs.</summary>
internal sealed class CommandedProcess : IDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task<string> _errors;

    private CommandedProcess(Process process)
    {
        _process = process;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public int Pid => _process.Id;

    public bool IsRunning => !_process.HasExited;

    /// <summary>How it ended; null while it runs.</summary>
    public Answer? End => IsRunning ? null : new Answer(null, _process.ExitCode, _errors.Result);

    public static CommandedProcess Start(params string[] words)
    {
        var start = new ProcessStartInfo(words[0], words.AsSpan(1).ToArray())
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var started = new CommandedProcess(Process.Start(start)!);
        Answer first = started.Read(s_start);
        if (first.Line != "ready")
        {
            started.Dispose();
            throw new InvalidOperationException($"{string.Join(' ', words)} did not get ready: {first}");
        }

        return started;
    }

    public Answer Ask(string command, TimeSpan patience)
    {
        _process.StandardInput.WriteLine(command);
        _process.StandardInput.Flush();
        return Read(patience);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private Answer Read(TimeSpan patience)
    {
        Task<string?> line = _process.StandardOutput.ReadLineAsync();
        if (!line.Wait(patience))
        {
            return new Answer(null, null, "");
        }

        if (line.Result is { } said)
        {
            return new Answer(said, null, "");
        }

        _process.WaitForExit();
        return End!;
    }

    /// <summary>A line, or the end of the process (128 and its number for a signal), or neither in time.</summary>
    internal sealed record Answer(string? Line, int? ExitCode, string Errors)
    {
        public bool Hangs => Line is null && ExitCode is null;

        /// <summary>The number after "name=".</summary>
        public double Number(string name) =>
            double.Parse(Line!.Split(' ').Single(word => word.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..]);

        public override string ToString() =>
            Line ?? (Hangs ? "no answer" : $"ended with {ExitCode}: {string.Concat(Errors.Take(500))}");
    }
}
