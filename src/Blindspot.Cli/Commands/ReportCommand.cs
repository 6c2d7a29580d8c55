using System.CommandLine;
using Blindspot.Analysis;
using Blindspot.Cli.Terminal;

namespace Blindspot.Cli.Commands;

/// <summary>A command that makes one report of a target and writes it as text or JSON.</summary>
/// <typeparam name="TReport">What the report is.</typeparam>
internal abstract class ReportCommand<TReport> : Command
{
    private readonly CommonOptions _common = new();
    private readonly SavingOptionSet _saving = new();
    private readonly Option<bool> _all;

    /// <param name="whatAllShows">What <c>--all</c> adds to the text.</param>
    protected ReportCommand(string name, string description, string whatAllShows)
        : base(name, description)
    {
        _all = new Option<bool>("--all") { Description = whatAllShows };
        Add(_common.Target);
        Add(_all);
        AddLiveOptions();
        _saving.AddTo(this);
        _common.AddFileOptionsTo(this);
        _common.AddTo(this);
    }

    protected LiveOptionSet Live { get; } = new();

    public int Run(ParseResult arguments)
    {
        using var interruption = new Interruption();
        using var output = new ReportOutput(arguments.GetValue(_common.Output), arguments.GetValue(_common.NoColour));
        using SnapshotSaving? saving = _saving.Of(arguments, Name);
        TReport report;
        using (var progress = new ProgressLine())
        {
            report = Make(arguments, _common.TargetOf(arguments, Live), saving, progress, interruption.Token);
        }

        if (arguments.GetValue(_common.Json))
        {
            output.WriteBytes(stream => WriteJson(report, stream, interruption.Token));
        }
        else
        {
            bool showsAll = arguments.GetValue(_all);
            output.WriteText(writer => WriteText(report, showsAll, writer));
        }

        interruption.Token.ThrowIfCancellationRequested();
        output.Commit();
        StandardError.WriteSentences(saving?.Sentences ?? []);
        return FindingThreshold.ExitCodeOf(arguments.GetValue(_common.FailOn), WorstOf(report));
    }

    /// <summary>Adds those of <see cref="Live"/> that the command has.</summary>
    protected abstract void AddLiveOptions();

    protected abstract TReport Make(ParseResult arguments, TargetRequest target, SnapshotSaving? saving, IProgress<string> progress, CancellationToken cancel);

    protected abstract void WriteJson(TReport report, Stream output, CancellationToken cancel);

    protected abstract void WriteText(TReport report, bool showsAll, StyledWriter writer);

    protected abstract Severity WorstOf(TReport report);
}
