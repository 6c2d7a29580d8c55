using Blindspot.Analysis.Signals;
using Blindspot.Target;

namespace Blindspot.Analysis.Doctor.Rules;

internal sealed class BusyForeignThread : BusyThreadRule
{
    public override string Id => "R10";

    public override string Title => "Busy threads made by C";

    protected override bool IsMeant(DoctorEvidence evidence, SignalThread thread) =>
        thread.Kind == SignalThreadKind.Foreign && (thread.Blocked & SignalNames.Bit(Profiling)) == 0;

    protected override Finding Report(DoctorEvidence evidence, IReadOnlyList<(int Tid, double Load)> busy, double load) => new()
    {
        Rule = Id,
        Severity = Severity.Info,
        Certainty = Certainty.Proved,
        Title = $"{Threads.Count(busy.Count)} made by C {(busy.Count == 1 ? "uses" : "use")} {load:P0} of a processor",
        Consequence = "A CPU profile shows that time as external code, without its functions and callers.",
        Evidence = [.. busy.Take(5).Select(thread => new Evidence(
            $"thread {thread.Tid} ({evidence.First.FindThread(thread.Tid)?.Name})", $"{thread.Load:P0} of a processor", $"kernel, over {evidence.Interval.TotalSeconds:0.0} s"))],
    };
}
