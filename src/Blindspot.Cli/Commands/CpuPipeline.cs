using System.Diagnostics;
using Blindspot.Analysis.Cpu;
using Blindspot.Collect;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Cli.Commands;

/// <summary>From a running process to where its CPU time goes.</summary>
internal static class CpuPipeline
{
    private const long NanosecondsPerSecond = 1_000_000_000;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(50);

    /// <param name="request">What was asked for.</param>
    /// <param name="progress">Told what is being done, in a few words.</param>
    /// <param name="cancel">Set at Ctrl-C: ends the sampling, and what was sampled is the answer.</param>
    public static CpuReport Run(CpuRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        using OpenedTarget target = OpenedTarget.Open(request.Target, CaptureOptions.Default, null, progress, cancel);
        if (target.Process is not { } process)
        {
            throw new UsageException($"'{request.Target.Name}' is a file: CPU time can be sampled of a running process only.", CommandLine.Name + " cpu");
        }

        RuntimeStackHints? hints = target.Runtime?.StackHints;
        var analysis = new CpuAnalysis(target.Snapshot, target.Modules, target.Runtime, hints, Limits.Default);
        ProcessFigures before = ProcessFigures.Read(target.Snapshot, withRollup: false);
        SamplerCounts counts;
        TimeSpan elapsed;
        using (CpuSampler sampler = CpuSampler.Start(process, new CpuSamplerOptions { Frequency = request.Frequency }, hints))
        {
            elapsed = Sample(sampler, process, analysis, request, progress, cancel);
            counts = sampler.Counts;
        }

        progress.Report("naming what was seen");
        TimeSpan? used = null;
        using (Snapshot? again = target.LookAgain(new CaptureOptions { Tier = CaptureTier.Proc }))
        {
            ProcessFigures? after = again is null ? null : ProcessFigures.Read(again, withRollup: false);
            used = after?.UserTime + after?.SystemTime - before.UserTime - before.SystemTime;
        }

        return analysis.Finish(counts, elapsed, NanosecondsPerSecond / request.Frequency) with { ProcessTime = used };
    }

    private static TimeSpan Sample(
        CpuSampler sampler, TargetProcess process, CpuAnalysis analysis, CpuRequest request, IProgress<string> progress, CancellationToken cancel)
    {
        var sample = new SampleRecord();
        long started = Stopwatch.GetTimestamp();
        long taken = 0;
        TimeSpan elapsed;
        do
        {
            elapsed = Stopwatch.GetElapsedTime(started);
            TimeSpan left = request.Duration - elapsed;
            sampler.Wait(left < Turn ? left < TimeSpan.Zero ? TimeSpan.Zero : left : Turn);
            taken += Drain();
            progress.Report($"sampling, {elapsed.TotalSeconds:0.0} of {request.Duration.TotalSeconds:0.#} s, {taken} samples (Ctrl-C ends it)");
        }
        while (Stopwatch.GetElapsedTime(started) < request.Duration && !cancel.IsCancellationRequested && !process.HasExited);
        sampler.Stop();
        elapsed = Stopwatch.GetElapsedTime(started);
        Drain();
        return elapsed;

        long Drain()
        {
            long count = 0;
            while (sampler.TryRead(sample))
            {
                if (request.Threads.Length == 0 || request.Threads.Contains(sample.Tid))
                {
                    analysis.Take(sample);
                    count++;
                }
            }

            return count;
        }
    }
}
