using System.Diagnostics;
using Blindspot.Collect;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.Bench.Readers;

/// <summary>How long it takes to read all dispositions, masks and alternate stacks of a process, loading the BPF program included.</summary>
internal static class DispositionReading
{
    private const int Runs = 9;

    /// <summary>Prints the milliseconds of each run; the first has the just-in-time compiler's work in it, which the published executable has not.</summary>
    public static int Print(string pid)
    {
        using var process = TargetProcess.Open(pid);
        for (int run = 0; run < Runs; run++)
        {
            long start = Stopwatch.GetTimestamp();
            using LiveSnapshot snapshot = LiveCapture.Watch(process, CaptureOptions.Default, new GapLog(), Limits.Default);
            double elapsed = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            Console.WriteLine(FormattableString.Invariant($"{elapsed:0.00} {snapshot.Threads.Count} {snapshot.Dispositions?.Count ?? 0} {snapshot.Capture.ThreadsStopped}"));
        }

        return 0;
    }
}
