using Blindspot.Collect;
using Blindspot.LiveTests.Signals;
using Blindspot.LiveTests.Support;
using Blindspot.Model;

namespace Blindspot.LiveTests.Sampling;

/// <summary>Samples of a program that knows for itself where its CPU time goes (specimens/cpu-burn).</summary>
public sealed class CpuSamplerTests
{
    private const int Frequency = 999;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    // By the function that each burner is in.
    private static readonly (string Burner, string Function, string Outermost)[] s_burners =
    [
        ("direct", "main.burnDirect", "runtime.goexit"),
        ("nested", "main.burnNested", "runtime.goexit"),
        ("go", "main.burnInGo", "runtime.goexit"),
        ("thread", "burner_start", ""),
    ];

    [Theory]
    [InlineData("1.19", "exe")]
    [InlineData("1.27", "exe")]
    [InlineData("1.27", "pie")]
    [InlineData("1.27", "static")]
    public void StacksAreWholeAndTimesAreTrue(string go, string kind)
    {
        Needs.Root();
        using CommandedProcess target = CommandedProcess.Start(Specimen.Build("cpu-burn", go, kind));
        using var sampled = new SampledProcess(target.Pid, new CpuSamplerOptions { Frequency = Frequency });
        CommandedProcess.Answer before = target.Ask("used", s_patience);
        sampled.Run(TimeSpan.FromSeconds(3));
        CommandedProcess.Answer after = target.Ask("used", s_patience);

        var wrong = new List<string>();
        double allUsed = s_burners.Sum(burner => Used(burner.Burner));
        double allSampled = sampled.Stacks.Sum(stack => stack.Weight / 1e9);
        foreach ((string burner, string function, string outermost) in s_burners)
        {
            List<SampledStack> own = sampled.Stacks.FindAll(stack => stack.Functions.Contains(function));
            double used = Used(burner);
            double seen = own.Sum(stack => stack.Weight / 1e9);
            Tell($"go{go} {kind} {burner}: used {used:F3} s, sampled {seen:F3} s");
            if (Math.Abs((seen / allSampled) - (used / allUsed)) > 0.15 * used / allUsed)
            {
                wrong.Add($"{burner}: {seen:F3} s of {allSampled:F3} s were sampled, {used:F3} s of {allUsed:F3} s used");
            }

            foreach (SampledStack stack in own)
            {
                int calls = stack.Functions.Count(name => name == "burn_call");
                if (stack.End == StackEnd.Complete
                    && ((outermost.Length > 0 && stack.Functions[^1] != outermost) || (burner == "nested" && stack.Functions[0] == "burn_leaf" && calls != 3)))
                {
                    wrong.Add("not what it says: " + stack);
                }
            }
        }

        Assert.Empty(wrong);
        Assert.True(target.IsRunning);
        Assert.InRange(sampled.Stacks.Count / (Frequency * allUsed), 0.7, 1.3);
        Assert.InRange(allSampled / allUsed, 0.85, 1.15);
        CheckQuality($"cpu-burn go{go} {kind}", sampled);

        double Used(string burner) => after.Number(burner) - before.Number(burner);
    }

    /// <summary>Threads that run, ask the time in the vDSO, come from C.</summary>
    [Theory]
    [InlineData("busy", "1.19")]
    [InlineData("busy", "1.27")]
    [InlineData("vdso", "1.27")]
    public void StacksOfOtherSpecimensAreWhole(string specimen, string go)
    {
        Needs.Root();
        using var target = Specimen.Start(specimen, go, "exe");
        using var sampled = new SampledProcess(target.Pid, new CpuSamplerOptions { Frequency = Frequency });
        sampled.Run(TimeSpan.FromSeconds(2));

        Assert.True(target.IsRunning);
        CheckQuality($"{specimen} go{go}", sampled);
    }

    private static void CheckQuality(string what, SampledProcess sampled)
    {
        SamplerCounts counts = sampled.Counts;
        int all = sampled.Stacks.Count;
        int whole = sampled.Stacks.Count(stack => stack.End == StackEnd.Complete);
        Tell($"{what}: {whole} of {all} stacks whole ({100.0 * whole / all:F3} %), lost {counts.Lost}, failed {counts.Failed}, "
            + $"{counts.Bytes / counts.Samples} bytes and {counts.KernelTime.TotalMicroseconds / counts.Samples:F2} us of BPF a sample, "
            + $"read in {sampled.MedianRead.TotalMicroseconds:F2} us, unwound in {sampled.MedianUnwind.TotalMicroseconds:F2} us (medians), "
            + $"{sampled.OutsideReads} reads of live memory");
        foreach (IGrouping<string, SampledStack> group in sampled.Stacks.Where(stack => stack.End != StackEnd.Complete).GroupBy(stack => stack.ToString()).Take(5))
        {
            Tell($"  {group.Count()} x {group.Key}");
        }

        Assert.Equal(0, counts.Lost);
        Assert.Equal(counts.Samples, all);
        Assert.InRange((double)whole / all, 0.99, 1);
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
