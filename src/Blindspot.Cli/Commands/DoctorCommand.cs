using System.CommandLine;
using Blindspot.Analysis;
using Blindspot.Analysis.Doctor;
using Blindspot.Cli.Terminal;
using Blindspot.Export.Json;

namespace Blindspot.Cli.Commands;

/// <summary><c>blindspot doctor TARGET</c>.</summary>
internal sealed class DoctorCommand(Func<DoctorRequest, IProgress<string>, CancellationToken, DoctorReport> pipeline)
    : ReportCommand<DoctorReport>("doctor", "Say what is wrong with a process, who is to blame, and what to do", "Show every rule that was checked, and all evidence")
{
    protected override void AddLiveOptions() => Live.AddTo(this);

    protected override DoctorReport Make(ParseResult arguments, TargetRequest target, SnapshotSaving? saving, IProgress<string> progress, CancellationToken cancel) =>
        pipeline(new DoctorRequest(target, arguments.GetValue(Live.Exact), saving), progress, cancel);

    protected override void WriteJson(DoctorReport report, Stream output, CancellationToken cancel) => DoctorJson.Write(report, output, cancel);

    protected override void WriteText(DoctorReport report, bool showsAll, StyledWriter writer) => DoctorText.Write(report, showsAll, writer);

    protected override Severity WorstOf(DoctorReport report) => report.Findings is [{ } worst, ..] ? worst.Severity : Severity.Info;
}
