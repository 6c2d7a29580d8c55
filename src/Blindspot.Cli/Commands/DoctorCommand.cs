using System.CommandLine;
using Blindspot.Analysis;
using Blindspot.Analysis.Doctor;
using Blindspot.Cli.Terminal;
using Blindspot.Export.Json;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot doctor TARGET</c>.</summary>
internal sealed class DoctorCommand : Command
{
    private readonly CommonOptions _common = new();
    private readonly LiveOptionSet _live = new();
    private readonly SavingOptionSet _saving = new();
    private readonly Func<DoctorRequest, IProgress<string>, CancellationToken, DoctorReport> _pipeline;

    private readonly Option<bool> _all = new("--all") { Description = "Show every rule that was checked, and all evidence" };

    public DoctorCommand(Func<DoctorRequest, IProgress<string>, CancellationToken, DoctorReport> pipeline)
        : base("doctor", "Say what is wrong with a process, who is to blame, and what to do")
    {
        _pipeline = pipeline;
        Add(_common.Target);
        Add(_all);
        _live.AddTo(this);
        _saving.AddTo(this);
        _common.AddFileOptionsTo(this);
        _common.AddTo(this);
    }

    public int Run(ParseResult arguments)
    {
        using var interruption = new Interruption();
        using var output = new ReportOutput(arguments.GetValue(_common.Output), arguments.GetValue(_common.NoColour));
        using SnapshotSaving? saving = _saving.Of(arguments, Name);
        DoctorReport report;
        using (var progress = new ProgressLine())
        {
            var request = new DoctorRequest(_common.TargetOf(arguments, _live), arguments.GetValue(_live.Exact), saving);
            report = _pipeline(request, progress, interruption.Token);
        }

        if (arguments.GetValue(_common.Json))
        {
            output.WriteBytes(stream => DoctorJson.Write(report, stream, interruption.Token));
        }
        else
        {
            bool showsAll = arguments.GetValue(_all);
            output.WriteText(writer => DoctorText.Write(report, showsAll, writer));
        }

        interruption.Token.ThrowIfCancellationRequested();
        output.Commit();
        StandardError.WriteSentences(saving?.Sentences ?? []);
        return FindingThreshold.ExitCodeOf(arguments.GetValue(_common.FailOn), report.Findings is [{ } worst, ..] ? worst.Severity : Severity.Info);
    }
}
