using Blindspot.Analysis.Stacks;
using Blindspot.Primitives;
using Blindspot.Symbols;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class ForeignLock : Rule
{
    private const int ManyWaiters = 8;

    public override string Id => "R30";

    public override string Title => "Threads that wait for one lock in C";

    public override IEnumerable<Finding> Examine(DoctorEvidence evidence)
    {
        foreach (IGrouping<TargetAddress, LockWait> group in evidence.LockWaits
            .Where(wait => StillWaits(evidence, wait))
            .GroupBy(static wait => wait.Address))
        {
            LockWait[] waits = [.. group];
            int? owner = waits[0].Owner;
            bool? ownerRan = owner is { } tid ? evidence.HasRun(tid) : null;
            if (owner is null && waits.Length < 2)
            {
                continue;
            }

            ReportThread? holder = owner is { } held ? Threads.Find(evidence.Stacks, held) : null;
            SymbolFrame? holding = holder is null ? null : Threads.HoldingFrame(evidence.Stacks, holder);
            ReportTask? parked = holder is null ? null : evidence.Stacks.Tasks.FirstOrDefault(task => task.Id == holder.LockedTask && task.LockedThread == holder.Tid && task.WaitReason is not null);
            string who = $"{Threads.Count(waits.Length)} {(waits.Length == 1 ? "waits" : "wait")} for a {waits[0].Lock} in C";

            // Where there is no second look, a holder that sleeps now may only wait for a disk.
            bool sleepsNow = ownerRan is null && owner is { } one && evidence.First.FindThread(one)?.State is 'S' or 'D';
            bool sleeps = ownerRan == false || sleepsNow;
            yield return new Finding
            {
                Rule = Id,
                Severity = sleepsNow ? Severity.Warning : sleeps ? Severity.Error : waits.Length >= ManyWaiters ? Severity.Warning : Severity.Info,
                Certainty = owner is null || sleepsNow ? Certainty.Possible : Certainty.Likely,
                Title = owner is null ? who : sleeps ? $"{who} whose holder, thread {owner}, sleeps" : $"{who} that thread {owner} holds",
                Consequence = sleeps
                    ? $"They wait as long as thread {owner} sleeps{(holding is null ? "" : $" in {holding.ShortFunction}")}{(parked is null ? "" : $", in a callback that waits ({parked.WaitReason})")}; if that waits for one of them, for ever. {TasksOf(evidence, waits)}"
                    : $"They take turns, and do nothing meanwhile. {TasksOf(evidence, waits)}",
                Culprit = holder is null ? Threads.CulpritOf(evidence, waits[0].Tid) : new Culprit(holding, owner, holder.Task ?? parked?.Id),
                Evidence =
                [
                    new Evidence("the lock", $"{group.Key}, held by {(owner is { } known ? $"thread {known}" : "nobody known")}", "futex argument and owner in the lock's memory"),
                    .. waits.Take(4).Select(wait => Describe(evidence, wait)),
                    .. parked is null ? [] : (Evidence[])[new Evidence($"{TaskNoun(evidence)} {parked.Id}, called back from {holding?.ShortFunction}", $"parked: {parked.WaitReason}", "the runtime")],
                    .. sleeps ? (Evidence[])[new Evidence($"thread {owner}", $"{(sleepsNow ? "slept when it was looked at" : $"used no CPU time in {evidence.Interval.TotalSeconds:0.0} s")}", "kernel")] : [],
                ],
                Advice = sleeps
                    ? "Look at the holder's stack ('blindspot stacks --thread'): let it not wait for anything, nor call back, while it holds the lock."
                    : "Hold the lock for less, or use fewer threads.",
                Weight = waits.Length,
            };
        }
    }

    private static bool StillWaits(DoctorEvidence evidence, LockWait wait) =>
        evidence.Second is not { } second || (second.FindThread(wait.Tid) is { } thread && LockWaitReader.AddressOf(thread) == wait.Address && evidence.HasRun(wait.Tid) == false);

    private static Evidence Describe(DoctorEvidence evidence, LockWait wait)
    {
        ReportThread? thread = Threads.Find(evidence.Stacks, wait.Tid);
        SymbolFrame? code = thread is null ? null : Threads.TellingFrame(evidence.Stacks, thread);
        string task = thread?.Task is { } id ? $", {TaskNoun(evidence)} {id}" : "";
        return new Evidence($"thread {wait.Tid}{task}", $"waits in {code?.ShortFunction ?? "unknown code"} ({code?.Module})", "its stack");
    }

    private static string TasksOf(DoctorEvidence evidence, LockWait[] waits)
    {
        int tasks = waits.Count(wait => Threads.Find(evidence.Stacks, wait.Tid)?.Task is not null);
        return tasks == 0 ? "" : $"{(tasks == 1 ? $"1 {TaskNoun(evidence)} hangs" : $"{tasks} {TaskNoun(evidence)}s hang")} with them.";
    }

    private static string TaskNoun(DoctorEvidence evidence) => evidence.Words?.Task ?? "task";
}
