using System.Diagnostics;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// The time in which all threads of a process stand still. It is opened by <see cref="Open"/>, and closed by
/// <see cref="Close"/> or, if that does not come in time, by its own thread: a reader that hangs cannot hold the target.
/// No garbage is collected meanwhile as long as the reader allocates little.
/// </summary>
internal sealed class StopWindow : IDisposable
{
    private const int MaxRounds = 16;
    private const long AllocationBudget = 32 << 20;

    private readonly TargetProcess _process;
    private readonly CaptureOptions _options;
    private readonly Limits _limits;
    private readonly TraceeSet _tracees;
    private readonly List<int> _tids;
    private readonly ManualResetEventSlim _standing = new();
    private readonly ManualResetEventSlim _release = new();
    private PtraceThread? _thread;
    private volatile bool _isOpen;
    private string? _refusal;
    private bool _isClosed;
    private CollectionPause? _collectionPause;

    private StopWindow(TargetProcess process, CaptureOptions options, Limits limits, int expectedThreads)
    {
        _process = process;
        _options = options;
        _limits = limits;
        _tracees = new TraceeSet(expectedThreads + expectedThreads / 4 + 64);
        _tids = new List<int>(expectedThreads + 64);
    }

    /// <summary>True while all that could be stopped stand.</summary>
    internal bool IsOpen => _isOpen;

    /// <summary>Threads that did not stop in time and ran on, or will stop when they leave their wait.</summary>
    internal int Unstopped { get; private set; }

    /// <summary>Stopped threads with their registers. Not before the window is open; their times not before it is closed.</summary>
    internal ReadOnlySpan<Tracee> Tracees => _tracees.Tracees;

    /// <exception cref="BlindspotException">The process may not be traced, or somebody traces it already. It runs on.</exception>
    internal static StopWindow Open(TargetProcess process, CaptureOptions options, Limits limits, int expectedThreads)
    {
        if (ExactStop.RefusalOfChild(process) is { } childRefusal)
        {
            throw new BlindspotException(childRefusal);
        }

        StopWindow window = new(process, options, limits, expectedThreads);
        window._collectionPause = CollectionPause.Begin(AllocationBudget);
        window._thread = PtraceThread.Start(window.Run);
        window._standing.Wait();
        if (window._refusal is { } refusal)
        {
            window.Dispose();
            throw new BlindspotException(refusal);
        }

        return window;
    }

    /// <summary>Lets the threads go and waits until that is done.</summary>
    internal void Close()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        _release.Set();
        _thread?.Dispose();
        _collectionPause?.Dispose();
    }

    public void Dispose()
    {
        Close();
        _standing.Dispose();
        _release.Dispose();
    }

    private void Run()
    {
        try
        {
            long deadline = Stopwatch.GetTimestamp() + (long)(_options.StopWait.TotalSeconds * Stopwatch.Frequency);
            if (TryStopAll(deadline))
            {
                _isOpen = true;
                _standing.Set();
                _release.Wait(_options.StopBudget);
            }
        }
        finally
        {
            if (!_standing.IsSet)
            {
                _refusal ??= $"The {_process} could not be stopped.";
            }

            _isOpen = false;
            _tracees.Release();
            _standing.Set();
        }
    }

    /// <summary>
    /// Seizes and stops until no thread is found that is not held: a thread that has not stopped yet may make new ones.
    /// </summary>
    private bool TryStopAll(long deadline)
    {
        for (int round = 0; round < MaxRounds; round++)
        {
            if (!TrySeizeNew(out int found))
            {
                return false;
            }

            if (found == 0 && round > 0)
            {
                break;
            }

            _tracees.Interrupt();
            Unstopped = _tracees.Settle(deadline);
        }

        if (_tracees.Count == 0)
        {
            _refusal = $"The {_process} ended before it could be stopped.";
        }

        return _tracees.Count > 0;
    }

    private bool TrySeizeNew(out int found)
    {
        found = 0;
        int foundInPass;
        do
        {
            foundInPass = 0;
            ProcThreads.List(_process.Pid, _tids, _limits);
            foreach (int tid in _tids)
            {
                if (_tracees.Contains(tid))
                {
                    continue;
                }

                Errno error = _tracees.TrySeize(tid);
                if (error == Errno.None)
                {
                    foundInPass++;
                }
                else if (error is Errno.NotPermitted && IsAlive(tid))
                {
                    _refusal = ExactStop.Refusal(_process, error);
                    return false;
                }
            }

            found += foundInPass;
        }
        while (foundInPass > 0);

        return true;
    }

    // A thread that has just ended and is not collected yet gives EPERM too.
    private bool IsAlive(int tid) => ProcThreads.TryReadStat(_process.Pid, tid, out ProcStat stat, out _) && !stat.HasEnded;
}
