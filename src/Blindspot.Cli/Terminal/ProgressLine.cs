using System.Diagnostics;

namespace Blindspot.Cli.Terminal;

/// <summary>One line on standard error that says what is being done, if that takes more than half a second and a person is watching.</summary>
internal sealed class ProgressLine : IProgress<string>, IDisposable
{
    private const int DelayMilliseconds = 500;
    private const int PeriodMilliseconds = 120;
    private const string Spinner = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private const string EraseLine = "\r\x1b[K";

    private readonly Lock _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Timer? _timer;
    private volatile string _doing = "";
    private int _tick;
    private bool _isEnded;

    public ProgressLine()
    {
        if (!Console.IsErrorRedirected && Environment.GetEnvironmentVariable("TERM") is { Length: > 0 } and not "dumb")
        {
            _timer = new Timer(_ => Draw(), null, DelayMilliseconds, PeriodMilliseconds);
        }
    }

    public void Report(string value) => _doing = TerminalText.Safe(value);

    public void Dispose()
    {
        if (_timer is null)
        {
            return;
        }

        _timer.Dispose();
        lock (_gate)
        {
            _isEnded = true;
            if (_tick > 0)
            {
                StandardError.Write(EraseLine);
            }
        }
    }

    private void Draw()
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            double seconds = Stopwatch.GetElapsedTime(_start).TotalSeconds;
            string time = Quantity.OfMilliseconds(seconds * 1000);
            string text = DisplayWidth.CutRight($"{_doing} · {time}", TerminalSettings.Width(isTerminal: true) - 3);
            StandardError.Write($"{EraseLine}{Spinner[_tick++ % Spinner.Length]} {text}");
        }
    }
}
