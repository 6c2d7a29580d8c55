using Blindspot.Analysis.Doctor;
using Blindspot.Analysis.Signals;
using Blindspot.Analysis.Stacks;
using Blindspot.Model;
using Blindspot.Target;
using Blindspot.Tests.Analysis.Stacks;

namespace Blindspot.Tests.Analysis.Doctor;

/// <summary>What a healthy Go program that has just started shows, to be changed in one respect; figures in MiB.</summary>
internal sealed class ForgedEvidence
{
    private const long Mebibyte = 1 << 20;

    public ForgedReport Stacks { get; } = new();

    public ProcessFigures Figures { get; set; } = new()
    {
        AnonymousBytes = 5 * Mebibyte,
        FileBytes = 4 * Mebibyte,
        SharedBytes = 0,
        LazyFreeBytes = 0,
        AnonymousHugeBytes = 0,
        ChildUserTime = TimeSpan.Zero,
        ChildSystemTime = TimeSpan.Zero,
    };

    /// <summary>Those of the second look; null: there is none.</summary>
    public ProcessFigures? Later { get; set; }

    public RuntimeMemory? Memory { get; set; } = new()
    {
        MappedBytes = 8 * Mebibyte,
        HeapInUseBytes = Mebibyte,
        HeapFreeBytes = Mebibyte,
        HeapReleasedBytes = 2 * Mebibyte,
        StackBytes = Mebibyte / 2,
    };

    public IReadOnlyList<MemoryMapping> Mappings { get; set; } = [];

    /// <summary>What one rule says of it.</summary>
    public DoctorReport Examine()
    {
        StacksReport stacks = Stacks.Build();
        var evidence = new DoctorEvidence
        {
            Stacks = stacks,
            Signals = new SignalsReport { Target = stacks.Target, Signals = [.. Enumerable.Range(1, 64).Select(Intact)], Threads = [], Runtimes = [], Gaps = [] },
            First = new ProcessObservation(TimeSpan.FromSeconds(100), [], Figures),
            Second = Later is null ? null : new ProcessObservation(TimeSpan.FromSeconds(101), [], Later),
            RuntimeMemory = Memory,
            Mappings = Mappings,
            Words = new RuntimeWords("Go", "goroutine", "signal.Notify", "panic", "ends"),
        };
        return DoctorAnalysis.Run(evidence, stacks.Target, []);
    }

    public Finding? Of(string rule) => Examine().Findings.SingleOrDefault(finding => finding.Rule == rule);

    public string? MissingFor(string rule) => Examine().Checked.Single(applied => applied.Id == rule).Missing;

    private static ReportSignal Intact(int number) => new()
    {
        Number = number,
        Name = $"signal {number}",
        Disposition = DispositionKind.Default,
        Verdict = SignalVerdict.Intact,
    };
}
