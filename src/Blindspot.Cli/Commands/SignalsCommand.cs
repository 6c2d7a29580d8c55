using System.CommandLine;
using Blindspot.Analysis;
using Blindspot.Analysis.Signals;
using Blindspot.Cli.Terminal;
using Blindspot.Export.Json;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot signals TARGET</c>.</summary>
internal sealed class SignalsCommand(Func<SignalsRequest, IProgress<string>, CancellationToken, SignalsReport> pipeline)
    : ReportCommand<SignalsReport>("signals", "Show what every signal really does, who took it, and what that breaks", "Show every signal and every thread, those in order too")
{
    protected override void AddLiveOptions() => Add(Live.How);

    protected override SignalsReport Make(ParseResult arguments, TargetRequest target, SnapshotSaving? saving, IProgress<string> progress, CancellationToken cancel) =>
        pipeline(new SignalsRequest(target, saving), progress, cancel);

    protected override void WriteJson(SignalsReport report, Stream output, CancellationToken cancel) => SignalsJson.Write(report, output, cancel);

    protected override void WriteText(SignalsReport report, bool showsAll, StyledWriter writer) => SignalsText.Write(report, showsAll, writer);

    protected override Severity WorstOf(SignalsReport report) => report.Signals.Max(static signal => signal.Severity);
}
