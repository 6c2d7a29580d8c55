using Blindspot.Analysis.Signals;
using Blindspot.Analysis.Stacks;
using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor;

/// <summary>Gathers what the rules decide on: one snapshot with its stacks and signals, and a second look at what changes.</summary>
public static class DoctorExamination
{
    /// <summary>The shortest time between the looks from which CPU time and growth are told.</summary>
    public static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);

    /// <param name="snapshot">A live process, a core or a saved one.</param>
    /// <param name="modules">What is mapped into it.</param>
    /// <param name="runtime">Null for a process without a runtime that we know.</param>
    /// <param name="needs">What its runtimes need of signals.</param>
    /// <param name="lookAgain">Takes a second snapshot of a live process, to be disposed here; null for what has none.</param>
    public static DoctorReport Run(
        Snapshot snapshot,
        ModuleMap modules,
        IManagedRuntime? runtime,
        IReadOnlyList<RuntimeSignals> needs,
        StacksOptions options,
        Func<Snapshot?>? lookAgain,
        Limits limits)
    {
        var first = ProcessObservation.Of(snapshot, withRollup: true);

        // Right behind the kernel's figures, with which it is compared: what a runtime gives back later would look as if it had never had it.
        RuntimeMemory? ownMemory = runtime?.OwnMemory;
        StacksReport stacks = StacksAnalysis.Run(snapshot, modules, runtime, options, limits);
        SignalsReport signals = SignalsAnalysis.Run(snapshot, modules, runtime, needs, limits);
        ProcessObservation? second = null;
        if (lookAgain is not null)
        {
            Wait(snapshot);
            using Snapshot? again = lookAgain();
            second = again is null ? null : ProcessObservation.Of(again, withRollup: false);
        }

        var evidence = new DoctorEvidence
        {
            Stacks = stacks,
            Signals = signals,
            First = first,
            Second = second,
            RuntimeMemory = ownMemory,
            Mappings = snapshot.Mappings,
            PreemptionIsOff = runtime?.Signals is [{ } own, ..] ? own.PreemptionIsOff : null,
            Words = needs.Count > 0 ? needs[0].Words : null,
            HasForeignCode = runtime?.UsesForeignCode ?? false,
            LockWaits = LockWaitReader.Read(snapshot, stacks),
        };
        return DoctorAnalysis.Run(evidence, TargetDescription.Of(snapshot, runtime, snapshot.Capture), snapshot.Gaps.ToList());
    }

    // The look began when the snapshot was taken; the analyses since then count.
    private static void Wait(Snapshot snapshot)
    {
        if (snapshot.MonotonicNanoseconds is { } started)
        {
            long elapsed = System.Diagnostics.Stopwatch.GetTimestamp() - started;
            TimeSpan left = ShortestInterval - TimeSpan.FromTicks(elapsed / 100);
            if (left > TimeSpan.Zero)
            {
                Thread.Sleep(left);
            }
        }
    }
}
