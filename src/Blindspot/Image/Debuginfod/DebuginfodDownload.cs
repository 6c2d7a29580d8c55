using System.Diagnostics;
using System.Globalization;
using Blindspot.Interop;

namespace Blindspot.Image.Debuginfod;

/// <summary>Downloads one file after another, and keeps account of the time that all of them take.</summary>
internal sealed class DebuginfodDownload(DebuginfodSettings settings)
{
    /// <summary>The time-out runs on another clock than ours.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromMilliseconds(100);

    private readonly string[] _headers = ["X-DEBUGINFOD-MAXSIZE: " + settings.MaxBytes.ToString(CultureInfo.InvariantCulture)];
    private TimeSpan _used;
    private bool _isOutOfTime;

    /// <summary>What went wrong with the last download, in words; null when nothing did.</summary>
    public string? Problem { get; private set; }

    /// <param name="address">What to get.</param>
    /// <param name="into">Gets the bytes, also those of an answer that then breaks off.</param>
    /// <param name="progress">Told now and then how many bytes have come, and of how many if that is known.</param>
    /// <param name="cancel">Set at Ctrl-C.</param>
    /// <exception cref="OperationCanceledException">At Ctrl-C.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public DownloadResult Get(Uri address, Stream into, Action<long, long?> progress, CancellationToken cancel)
    {
        Problem = null;
        TimeSpan left = settings.MaxTime - _used;
        if (_isOutOfTime || left <= TimeSpan.Zero)
        {
            return DownloadResult.OutOfTime;
        }

        var request = new HttpRequest(address, _headers, settings.Timeout, left, settings.MaxBytes);
        long start = Stopwatch.GetTimestamp();
        HttpAnswer answer = HttpDownload.Run(request, into, (now, all) =>
        {
            progress(now, all);
            return !cancel.IsCancellationRequested;
        });
        TimeSpan taken = Stopwatch.GetElapsedTime(start);
        _used += taken;
        cancel.ThrowIfCancellationRequested();
        switch (answer.Outcome)
        {
            case HttpOutcome.Done:
                return DownloadResult.Done;
            case HttpOutcome.TooLarge:
                return DownloadResult.TooLarge;
            case HttpOutcome.Refused:
                // Some servers say "bad gateway" for a while; that of one file says nothing of the others.
                Problem = answer.Status == 404 ? null : answer.Problem;
                return DownloadResult.NotThere;
            case HttpOutcome.Failed when left - taken < _tolerance:
                _isOutOfTime = true;
                return DownloadResult.OutOfTime;
            default:
                Problem = answer.Problem;
                return DownloadResult.Failed;
        }
    }
}
