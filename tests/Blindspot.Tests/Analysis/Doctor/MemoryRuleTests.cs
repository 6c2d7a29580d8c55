using Blindspot.Analysis;
using Blindspot.Analysis.Doctor;
using Blindspot.Analysis.Stacks;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Tests.Analysis.Doctor;

/// <summary>Each rule about memory on what has it, and on what nearly has it.</summary>
public sealed class MemoryRuleTests
{
    private const long Mebibyte = 1 << 20;

    private static readonly string[] s_mine = ["R17", "R21", "R25", "R26", "R27", "R28"];

    private readonly ForgedEvidence _evidence = new();

    [Fact]
    public void AHealthyProgramHasNoFindings()
    {
        DoctorReport report = _evidence.Examine();
        Assert.Empty(report.Findings);
        Assert.Equal(["R17"], report.Checked.Where(rule => rule.Missing is not null && s_mine.Contains(rule.Id)).Select(rule => rule.Id));
    }

    [Theory]
    [InlineData(165, 0, 100, 0, 0, "warning", "likely")]
    [InlineData(163, 0, 100, 0, 0, null, null)]
    [InlineData(300, 0, 100, 0, 0, "warning", "likely")]
    [InlineData(300, 200, 100, 0, 0, null, null)] // it was given back
    [InlineData(300, 100, 100, 0, 0, "warning", "likely")]
    [InlineData(1000, 0, 900, 0, 0, "info", "likely")] // a small share
    [InlineData(300, 0, 100, 500, 200, "info", "possible")] // Go gave back 500, which may be resident in huge pages
    [InlineData(300, 0, 100, 500, 0, "warning", "likely")] // there are no huge pages
    [InlineData(300, 0, 100, 50, 200, "warning", "likely")]
    [InlineData(30, 0, 100, 0, 0, null, null)] // what Go has was not touched
    public void NativeMemory(int anonymous, int lazy, int mapped, int released, int huge, string? severity, string? certainty)
    {
        _evidence.Figures = _evidence.Figures with { AnonymousBytes = anonymous * Mebibyte, LazyFreeBytes = lazy * Mebibyte, AnonymousHugeBytes = huge * Mebibyte };
        _evidence.Memory = _evidence.Memory! with { MappedBytes = mapped * Mebibyte, HeapReleasedBytes = released * Mebibyte };
        Expect("R21", severity, certainty);
    }

    [Fact]
    public void NativeMemoryIsALowerBoundAndTellsOfGrowth()
    {
        _evidence.Figures = _evidence.Figures with { AnonymousBytes = 400 * Mebibyte, LazyFreeBytes = 20 * Mebibyte };
        _evidence.Memory = _evidence.Memory! with { MappedBytes = 100 * Mebibyte };
        _evidence.Later = _evidence.Figures with { AnonymousBytes = 410 * Mebibyte };
        Finding finding = _evidence.Of("R21")!;
        Assert.StartsWith("At least 280 MiB", finding.Title);
        Assert.Contains("grew by 10 MiB in 1.0 s", finding.Consequence);
    }

    [Fact]
    public void WithoutARuntimeAllMemoryIsNative()
    {
        _evidence.Stacks.RuntimeKind = null;
        _evidence.Memory = null;
        _evidence.Figures = _evidence.Figures with { AnonymousBytes = 400 * Mebibyte };
        Assert.Empty(_evidence.Examine().Findings);
        Assert.Null(_evidence.MissingFor("R21"));
    }

    [Theory]
    [InlineData(50, 5, 4, null)]
    [InlineData(100, 5, 4, "info")]
    [InlineData(300, 5, 4, "warning")]
    [InlineData(300, 500, 4, "info")] // not most of it
    [InlineData(0, 5, 200, null)]
    [InlineData(0, 5, 900, "info")] // files are dropped when the room is needed
    public void SharedAndFileMemory(int shared, int anonymous, int files, string? severity)
    {
        _evidence.Figures = _evidence.Figures with { SharedBytes = shared * Mebibyte, AnonymousBytes = anonymous * Mebibyte, FileBytes = files * Mebibyte };
        _evidence.Memory = _evidence.Memory! with { MappedBytes = 600 * Mebibyte };
        Expect("R25", severity, "proved");
    }

    [Fact]
    public void SharedMemoryIsNamedByItsMappings()
    {
        _evidence.Figures = _evidence.Figures with { SharedBytes = 300 * Mebibyte };
        _evidence.Mappings = [Mapping("/memfd:frames", 200), Mapping("/srv/big.db", 900), Mapping("/memfd:frames", 100)];
        Evidence named = Assert.Single(_evidence.Of("R25")!.Evidence, evidence => evidence.What.Contains("/memfd:frames", StringComparison.Ordinal));
        Assert.Equal("300 MiB", named.Value);
        Assert.DoesNotContain(_evidence.Of("R25")!.Evidence, evidence => evidence.What.Contains("big.db", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(500, 100, 620, "warning")]
    [InlineData(500, 300, 820, "info")] // as a collection leaves a heap with GOGC=100
    [InlineData(550, 500, 1060, "info")]
    [InlineData(200, 20, 250, "info")] // most of it, but not much
    [InlineData(50, 1, 60, null)]
    [InlineData(100, 300, 900, null)] // a small share
    [InlineData(1000, 1, 10, null)] // free and never touched
    [InlineData(1000, 1, 400, "info")] // it can't all be resident: what is may be something else
    public void IdleHeap(int free, int used, int anonymous, string? severity)
    {
        _evidence.Figures = _evidence.Figures with { AnonymousBytes = anonymous * Mebibyte };
        _evidence.Memory = _evidence.Memory! with { HeapFreeBytes = free * Mebibyte, HeapInUseBytes = used * Mebibyte, MappedBytes = 2000 * Mebibyte };
        Expect("R26", severity, "likely");
    }

    [Theory]
    [InlineData(100, "info")]
    [InlineData(60, null)]
    public void LazilyFreedMemory(int lazy, string? severity)
    {
        _evidence.Figures = _evidence.Figures with { AnonymousBytes = 105 * Mebibyte, LazyFreeBytes = lazy * Mebibyte };
        Expect("R27", severity, "proved");
    }

    [Theory]
    [InlineData(300, 2000, "warning")]
    [InlineData(100, 150, "warning")] // most of what Go has
    [InlineData(100, 500, "info")]
    [InlineData(50, 60, null)]
    public void LargeStacks(int stacks, int mapped, string? severity)
    {
        _evidence.Memory = _evidence.Memory! with { StackBytes = stacks * Mebibyte, MappedBytes = mapped * Mebibyte };
        Expect("R28", severity, "proved");
    }

    [Fact]
    public void LargeStacksAreTheirsWhoCreateMostTasks()
    {
        _evidence.Memory = _evidence.Memory! with { StackBytes = 300 * Mebibyte };
        int stack = _evidence.Stacks.Stack("Go  main.work  app  main.go:3");
        for (int id = 2; id < 12; id++)
        {
            string creator = id < 5 ? "main.few" : "main.many";
            _evidence.Stacks.Add(_evidence.Stacks.Task(id, stack) with { CreatedBy = new ReportCreator(creator, "/src/main.go", 7, 1) });
        }

        Finding finding = _evidence.Of("R28")!;
        Assert.Equal("main.many", finding.Culprit!.Code!.Function);
        Assert.Equal(7, finding.Culprit.Code.Line);
        Assert.Contains(finding.Evidence, evidence => evidence.Value == "7 of 10");
    }

    [Fact]
    public void LargeStacksAreNobodysWhereManyCreateThem()
    {
        _evidence.Memory = _evidence.Memory! with { StackBytes = 300 * Mebibyte };
        int stack = _evidence.Stacks.Stack("Go  main.work  app  main.go:3");
        for (int id = 2; id < 12; id++)
        {
            _evidence.Stacks.Add(_evidence.Stacks.Task(id, stack) with { CreatedBy = new ReportCreator($"main.create{id % 2}", "/src/main.go", 7, 1) });
        }

        Assert.Null(_evidence.Of("R28")!.Culprit);
    }

    [Theory]
    [InlineData(0.03, null)]
    [InlineData(0.06, "info")]
    public void BusyChildren(double seconds, string? severity)
    {
        _evidence.Figures = _evidence.Figures with { ChildUserTime = TimeSpan.FromSeconds(10) };
        _evidence.Later = _evidence.Figures with { ChildUserTime = TimeSpan.FromSeconds(10), ChildSystemTime = TimeSpan.FromSeconds(seconds) };
        Expect("R17", severity, "proved");
    }

    [Fact]
    public void ACoreSaysWhatIsMissing()
    {
        _evidence.Figures = new ProcessFigures();
        _evidence.Memory = _evidence.Memory! with { StackBytes = 300 * Mebibyte };
        DoctorReport report = _evidence.Examine();
        Assert.Equal(["R28"], report.Findings.Select(finding => finding.Rule));
        Assert.All(["R17", "R21", "R25", "R26", "R27"], rule => Assert.NotNull(_evidence.MissingFor(rule)));
    }

    [Fact]
    public void ARuntimeThatTellsNothingIsMissing()
    {
        _evidence.Memory = null;
        Assert.All(["R21", "R26", "R28"], rule => Assert.NotNull(_evidence.MissingFor(rule)));
    }

    private void Expect(string rule, string? severity, string? certainty)
    {
        Finding? finding = _evidence.Of(rule);
        Assert.Equal(severity, finding?.Severity.ToString().ToLowerInvariant());
        if (severity is not null)
        {
            Assert.Equal(certainty, finding?.Certainty.ToString().ToLowerInvariant());
        }
    }

    private static MemoryMapping Mapping(string path, int mebibytes) =>
        new(new TargetAddress(0x7f0000000000), new TargetAddress(0x7f0000000000 + (ulong)(mebibytes * Mebibyte)), "rw-s", 0, 1, 2, path, IsDeleted: true);
}
