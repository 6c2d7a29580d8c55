using Blindspot.LiveTests.Support;
using Blindspot.Tests;

namespace Blindspot.LiveTests.Signals;

/// <summary>
/// What truth.json says of each mode of specimens/signal-abuse, shown by Go itself: before, all is well; afterwards, the
/// consequence is there. Blindspot has no part in it.
/// </summary>
public sealed class SignalConsequenceTests
{
    private const int SamplesPerSecond = 100;
    private const int Sigsegv = 11;
    private const int Sigprof = 27;
    private const int KilledBy = 128;
    private const int Attempts = 6;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(2);

    public static IEnumerable<TheoryDataRow<string, string>> Modes()
    {
        foreach ((int turn, string mode) in AbuseTruth.Modes.Index())
        {
            // Each mode on one version, turn by turn; on both with BLINDSPOT_MATRIX=whole.
            string[] versions = GoBuilds.Versions.Length > 2 ? GoBuilds.Versions : [GoBuilds.Versions[turn % GoBuilds.Versions.Length]];
            foreach (string go in versions)
            {
                yield return new TheoryDataRow<string, string>(mode, go);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public void Go_shows_what_follows(string mode, string go)
    {
        string program = Specimen.Build("signal-abuse", go, "exe");
        foreach ((string command, string consequence) in AbuseTruth.Of(mode).Shows)
        {
            if (command == "churn")
            {
                ShowChurn(program, mode, consequence);
                continue;
            }

            using CommandedProcess process = CommandedProcess.Start(program, "-late", mode);
            AssertShown("normal", command, mode, process.Ask(command, s_patience), "before");
            Assert.Equal("abused", process.Ask("abuse", s_patience).Line);
            TimeSpan patience = consequence == "hang" ? s_hang : s_patience;
            AssertShown(consequence, command, mode, process.Ask(command, patience), "after");
        }
    }

    /// <summary>Whether memory that was overwritten is missed is a matter of chance, so that one crash of several attempts will do.</summary>
    private static void ShowChurn(string program, string mode, string consequence)
    {
        CommandedProcess.Answer? last = null;
        for (int i = 0; i < (consequence == "crash" ? Attempts : 1); i++)
        {
            using CommandedProcess process = CommandedProcess.Start(program, mode);
            last = process.Ask("churn", s_patience);
            if (consequence == "crash" && IsShown(consequence, "churn", mode, last))
            {
                return;
            }
        }

        AssertShown(consequence, "churn", mode, last!, "after");
    }

    private static void AssertShown(string consequence, string command, string mode, CommandedProcess.Answer answer, string when) =>
        Assert.True(IsShown(consequence, command, mode, answer), $"{mode}, {command} {when}: {consequence} was expected, not {answer}");

    private static bool IsShown(string consequence, string command, string mode, CommandedProcess.Answer answer) => consequence switch
    {
        "killed" => answer.ExitCode == KilledBy + (command == "fault" ? Sigsegv : Sigprof),
        "fatal" => answer.ExitCode == 2 && answer.Errors.Contains("fatal error: non-Go code", StringComparison.Ordinal),
        "crash" => answer.ExitCode is not (null or 0),
        "hang" => answer.Hangs || (command == "gc" && answer.Line is not null && answer.Number("ms") > 900),
        "not-received" => answer.Line == "notify received=0",
        "samples=0" => answer.Line is not null && Coverage(answer, "samples", "foreign") < 0.1,
        "foreign=0" => answer.Line is not null && answer.Number("samples") >= 5 && answer.Number("foreign") * 10 <= answer.Number("samples"),
        "normal" => answer.Line is not null && command switch
        {
            "profile" => Coverage(answer, "samples", "foreign") > 0.5 && (!HasThreadOfC(mode) || answer.Number("foreign") > 0),
            "gc" => answer.Number("ms") < 500,
            "fault" => answer.Line == "fault recovered=1",
            "notify" => answer.Line == "notify received=1",
            _ => answer.Line == "churn survived=1",
        },
        _ => throw new InvalidOperationException($"truth.json: '{consequence}' of {mode}"),
    };

    private static bool HasThreadOfC(string mode) =>
        mode == "none-c" || mode.StartsWith("itimer-", StringComparison.Ordinal);

    /// <summary>Samples that are there, of those that the processor time asks for.</summary>
    private static double Coverage(CommandedProcess.Answer answer, params string[] kinds) =>
        kinds.Sum(answer.Number) / (SamplesPerSecond * answer.Number("seconds"));
}
