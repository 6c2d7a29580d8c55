using Blindspot.Analysis.Cpu;
using Blindspot.Analysis.Doctor;
using Blindspot.Analysis.Profiles;
using Blindspot.Analysis.Signals;
using Blindspot.Analysis.Stacks;

namespace Blindspot.Cli.Commands;

/// <summary>What makes the commands' reports; tests put forged ones here.</summary>
internal sealed record Pipelines
{
    public Func<StacksRequest, IProgress<string>, CancellationToken, StacksReport> Stacks { get; init; } = StacksPipeline.Run;

    public Func<SignalsRequest, IProgress<string>, CancellationToken, SignalsReport> Signals { get; init; } = SignalsPipeline.Run;

    public Func<CpuRequest, IProgress<string>, CancellationToken, CpuReport> Cpu { get; init; } = CpuPipeline.Run;

    public Func<DoctorRequest, IProgress<string>, CancellationToken, DoctorReport> Doctor { get; init; } = DoctorPipeline.Run;

    public Func<PprofRequest, IProgress<string>, CancellationToken, PprofReport> Pprof { get; init; } = PprofPipeline.Run;
}
