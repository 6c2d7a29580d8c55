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

        int whole = sampled.Stacks.Count(stack => stack.End == StackEnd.Complete);
        double microseconds = sampled.Counts.KernelTime.TotalMicroseconds / sampled.Counts.Samples;
        Tell($"go{go} {kind}: {whole} of {sampled.Stacks.Count} stacks whole ({100.0 * whole / sampled.Stacks.Count:F3} %), "
            + $"lost {sampled.Counts.Lost}, failed {sampled.Counts.Failed}, {sampled.Counts.Bytes / sampled.Counts.Samples} bytes and {microseconds:F2} us of BPF a sample, "
            + $"read in {sampled.ReadTime.TotalMicroseconds / sampled.Stacks.Count:F2} us, unwound in {sampled.UnwindTime.TotalMicroseconds / sampled.Stacks.Count:F2} us, "
            + $"{sampled.OutsideReads} reads of live memory");
        foreach (IGrouping<string, SampledStack> group in sampled.Stacks.Where(stack => stack.End != StackEnd.Complete).GroupBy(stack => stack.ToString()).Take(5))
        {
            Tell($"  {group.Count()} x {group.Key}");
        }

        Assert.Empty(wrong);
        Assert.True(target.IsRunning);
        Assert.Equal(0, sampled.Counts.Lost);
        Assert.Equal(sampled.Counts.Samples, sampled.Stacks.Count);
        Assert.InRange(sampled.Stacks.Count / (Frequency * allUsed), 0.7, 1.3);
        Assert.InRange(allSampled / allUsed, 0.85, 1.15);
        Assert.InRange((double)whole / sampled.Stacks.Count, 0.99, 1);

        double Used(string burner) => after.Number(burner) - before.Number(burner);
    }

    private static void Tell(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);
}
