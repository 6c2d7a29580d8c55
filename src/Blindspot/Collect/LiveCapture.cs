using Blindspot.Interop;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;

namespace Blindspot.Collect;

/// <summary>Takes snapshots of live processes, by the tier that was asked for or the next that works here.</summary>
public static class LiveCapture
{
    /// <param name="process">Stays the caller's, and must outlive the snapshot.</param>
    /// <param name="whileStopped">
    /// With <see cref="CaptureTier.Stop"/> only: called while all threads stand, to read what must belong together. It has
    /// <see cref="CaptureOptions.StopBudget"/>, and should allocate little.
    /// </param>
    /// <exception cref="BlindspotException">The process ended, or (to stop it) is traced by somebody or may not be traced.</exception>
    public static LiveSnapshot Take(
        TargetProcess process, CaptureOptions options, GapLog gaps, Limits limits, Action<LiveSnapshot>? whileStopped = null)
    {
        LiveSnapshot snapshot = Watch(process, options, gaps, limits);
        if (options.Tier != CaptureTier.Stop)
        {
            return snapshot;
        }

        try
        {
            snapshot.StopAll(options, whileStopped);
            return snapshot;
        }
        catch
        {
            snapshot.Dispose();
            throw;
        }
    }

    /// <summary>
    /// As <see cref="Take"/>, and stops nothing whatever the tier: who asked for <see cref="CaptureTier.Stop"/> gets all
    /// files and tables ready first and then calls <see cref="LiveSnapshot.StopAll"/>, so that the stop is short.
    /// </summary>
    public static LiveSnapshot Watch(TargetProcess process, CaptureOptions options, GapLog gaps, Limits limits) =>
        LiveSnapshot.Take(process, ChooseObserver(process, options, gaps, limits), gaps, limits);

    private static ThreadObserver ChooseObserver(TargetProcess process, CaptureOptions options, GapLog gaps, Limits limits)
    {
        if (options.Tier == CaptureTier.Proc)
        {
            return new ProcThreadObserver(process.Pid, limits, gaps);
        }

        try
        {
            return WatchThreadObserver.Load(process, limits, gaps);
        }
        catch (BpfException reason)
        {
            if (options.Tier == CaptureTier.Watch)
            {
                gaps.Add(
                    "target",
                    "watch-unavailable",
                    $"BPF cannot be used: {BpfConditions.Here().Explain(reason.Message)}. So threads were looked at through /proc: of their registers only the program counter and the stack pointer are known.");
            }

            return new ProcThreadObserver(process.Pid, limits, gaps);
        }
    }
}
