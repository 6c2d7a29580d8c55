using System.Diagnostics;
using System.Globalization;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>
/// Runs one piece of work on a thread of its own, which makes all ptrace calls of that work and then ends; with it ends
/// whatever it still holds. Disposal waits for that end.
/// </summary>
internal sealed class PtraceThread : IDisposable
{
    private const int StackBytes = 1 << 20;
    private static readonly TimeSpan EndPatience = TimeSpan.FromSeconds(1);

    private readonly Thread _thread;
    private int _tid;
    private Exception? _failure;

    private PtraceThread(Action work)
    {
        _thread = new Thread(() => RunWork(work), StackBytes) { IsBackground = true, Name = "ptrace" };
    }

    internal static PtraceThread Start(Action work)
    {
        PtraceThread thread = new(work);
        thread._thread.Start();
        return thread;
    }

    /// <summary>Runs the work to its end; its exception is thrown here.</summary>
    internal static void Run(Action work)
    {
        PtraceThread thread = Start(work);
        thread.Dispose();
        if (thread._failure is { } failure)
        {
            throw new InvalidOperationException("the ptrace thread failed", failure);
        }
    }

    public void Dispose()
    {
        _thread.Join();

        // The kernel lets tracees go when the thread itself is gone, a moment after the runtime says that it has ended.
        string task = string.Create(CultureInfo.InvariantCulture, $"/proc/self/task/{_tid}");
        long started = Stopwatch.GetTimestamp();
        while (_tid != 0 && Directory.Exists(task) && Stopwatch.GetElapsedTime(started) < EndPatience)
        {
            _ = Libc.SleepMicroseconds(100);
        }
    }

    private void RunWork(Action work)
    {
        _tid = Libc.GetTid();
        NiceLevel priority = NiceLevel.Raise();
        try
        {
            work();
        }
        catch (Exception failure)
        {
            _failure = failure;
        }
        finally
        {
            priority.Dispose();
        }
    }
}
