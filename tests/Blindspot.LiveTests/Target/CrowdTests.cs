using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Target;

/// <summary>As much of everything as a machine allows.</summary>
public sealed class CrowdTests
{
    [Theory]
    [InlineData("memory")]
    [InlineData("code")]
    public void As_many_mappings_as_the_kernel_allows(string kind)
    {
        using CProgram program = CProgram.Start("mapped", kind);
        Assert.True(int.Parse(program.ReadyWords[1]) > 60_000, program.ReadyLine);
        foreach (string[] way in UnwelcomeTests.Ways)
        {
            StacksJson report = StacksJson.Capture($"{program.Pid}", way);
            Assert.Equal("", report.Incomplete);
            Assert.Empty(report.Gaps);
        }
    }

    [Fact]
    public void Twenty_thousand_threads()
    {
        int most = Math.Min(
            int.Parse(File.ReadAllText("/proc/sys/kernel/pid_max")) - 2000,
            Math.Min(int.Parse(File.ReadAllText("/proc/sys/kernel/threads-max")), int.Parse(File.ReadAllText("/proc/sys/vm/max_map_count")) / 2));
        const int count = 20_000;
        Assert.SkipUnless(most >= count, $"this machine allows some {most} threads");
        using CProgram program = CProgram.Start("registers", $"{count}");
        foreach (string[] way in (string[][])[["--how", "watch"], ["--how", "proc"], ["--how", "stop"]])
        {
            StacksJson report = StacksJson.Capture($"{program.Pid}", way);
            Assert.Equal(count + 1, report.Threads.Count);
            Assert.All(report.Threads, thread => Assert.NotEqual("no-registers", thread.Stack.End));
        }

        Assert.Equal("0", Shell.StatusField(program.Pid, "TracerPid"));
    }
}
