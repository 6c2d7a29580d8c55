using System.CommandLine;
using Blindspot.Analysis.Signals;
using Blindspot.Cli.Terminal;
using Blindspot.Export.Json;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot signals TARGET</c>.</summary>
internal sealed class SignalsCommand : Command
{
    private readonly CommonOptions _common = new();
    private readonly LiveOptionSet _live = new();
    private readonly SavingOptionSet _saving = new();
    private readonly Func<SignalsRequest, IProgress<string>, CancellationToken, SignalsReport> _pipeline;

    private readonly Option<bool> _all = new("--all") { Description = "Show every signal and every thread, those in order too" };

    public SignalsCommand(Func<SignalsRequest, IProgress<string>, CancellationToken, SignalsReport> pipeline)
        : base("signals", "Show what every signal really does, who took it, and what that breaks")
    {
        _pipeline = pipeline;
        Add(_common.Target);
        Add(_all);
        Add(_live.How);
        _saving.AddTo(this);
        _common.AddFileOptionsTo(this);
        _common.AddTo(this);
    }

    public int Run(ParseResult arguments)
    {
        using var interruption = new Interruption();
        using var output = new ReportOutput(arguments.GetValue(_common.Output), arguments.GetValue(_common.NoColour));
        using SnapshotSaving? saving = _saving.Of(arguments, Name);
        SignalsReport report;
        using (var progress = new ProgressLine())
        {
            report = _pipeline(new SignalsRequest(_common.TargetOf(arguments, _live), saving), progress, interruption.Token);
        }

        if (arguments.GetValue(_common.Json))
        {
            output.WriteBytes(stream => SignalsJson.Write(report, stream, interruption.Token));
        }
        else
        {
            bool showsAll = arguments.GetValue(_all);
            output.WriteText(writer => SignalsText.Write(report, showsAll, writer));
        }

        interruption.Token.ThrowIfCancellationRequested();
        output.Commit();
        StandardError.WriteSentences(saving?.Sentences ?? []);
        return FindingThreshold.ExitCodeOf(arguments.GetValue(_common.FailOn), report.Signals.Max(static signal => signal.Severity));
    }
}
