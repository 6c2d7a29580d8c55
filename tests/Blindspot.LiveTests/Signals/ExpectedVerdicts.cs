using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Signals;

/// <summary>The comparison of a report with what truth.json says of a mode.</summary>
/// <param name="truth">The mode.</param>
/// <param name="isExact">Handlers and alternate stacks can be read; by /proc alone they can't, and "unknown" is right.</param>
/// <param name="hasSymbols">Functions of the executable have names.</param>
internal sealed class ExpectedVerdicts(AbuseTruth truth, bool isExact, bool hasSymbols)
{
    private const string Executable = "signal-abuse";
    private static readonly string[] s_toldByMasks = ["ignored", "default", "blocked"];

    public IEnumerable<string> Compare(SignalsJson report)
    {
        foreach (SignalsJson.Signal signal in report.Signals)
        {
            AbuseTruth.WrongSignal? wrong = truth.Wrong.FirstOrDefault(candidate => candidate.Number == signal.Number);
            string? difference = wrong is not null ? Differ(wrong, signal, report) : Accuses(signal);
            if (difference is not null)
            {
                yield return $"{difference}\n{signal.Json}\n{report.Gaps}";
            }
        }
    }

    private string? Accuses(SignalsJson.Signal signal) => signal.Verdict switch
    {
        "intact" when signal.Consequence is null => null,
        "unknown" when !isExact && signal.Consequence is null => null,
        var verdict when truth.AnySignal && truth.Wrong.Any(wrong => wrong.Verdict == verdict) => null,
        _ => $"{signal.Name} is as Go left it, and is called {signal.Verdict}",
    };

    private string? Differ(AbuseTruth.WrongSignal expected, SignalsJson.Signal signal, SignalsJson report)
    {
        bool isOpen = signal.Verdict == "unknown" && (expected.OrUnknown || (!isExact && !s_toldByMasks.Contains(expected.Verdict)));
        bool isHedged = expected.OrUnknown && signal is { Verdict: "chained", Certainty: not "proved" };
        if (isOpen)
        {
            return report.Root.GetProperty("gaps").GetArrayLength() > 0 ? null : $"{signal.Name} is unknown, and no gap says why";
        }

        if (isHedged && expected.Verdict != "chained")
        {
            return null;
        }

        if (signal.Verdict != expected.Verdict)
        {
            return $"{signal.Name} is {expected.Verdict}, and is called {signal.Verdict}";
        }

        if (!Matches(expected.Handler, signal.Handler) && isExact && expected.Handler is not null)
        {
            return $"{signal.Name} goes to {expected.Handler}, not {signal.Handler}";
        }

        if (expected.Verdict == "chained")
        {
            return signal.Consequence is null ? null : $"{signal.Name} is passed on properly, and has a consequence";
        }

        if (signal.Consequence is null)
        {
            return $"{signal.Name} has no consequence";
        }

        if (!Matches(expected.Culprit, signal.Culprit))
        {
            return $"the culprit of {signal.Name} is {expected.Culprit?.ToString() ?? "not known"}, not {signal.Culprit}";
        }

        return expected.Thread is null || (signal.Threads.Count > 0 && signal.Threads.All(tid => report.NameOf(tid) == expected.Thread))
            ? null
            : $"{signal.Name} is {expected.Verdict} in {expected.Thread}, not in {string.Join(", ", signal.Threads.Select(report.NameOf))}";
    }

    private bool Matches(AbuseTruth.Place? expected, SignalsJson.Place? seen) => (expected, seen) switch
    {
        (null, null) => true,
        ({ Module: Executable }, { Module: Executable, Function: null }) when !hasSymbols => true,
        ({ } wanted, { } there) => wanted.Module == there.Module && wanted.Function == there.Function,
        _ => false,
    };
}
