using Blindspot.Target.Live;

namespace Blindspot.Tests.Target.Live;

public sealed class RunMarkTests
{
    private static readonly RunMark Asleep = new(IsRunning: false, Switches: 10, Runs: 5, RunNanoseconds: 1000);

    [Fact]
    public void The_same_counts_off_the_processor_prove_it() => Assert.True(Asleep.ProvesStillSince(Asleep));

    [Fact]
    public void Any_other_difference_does_not()
    {
        RunMark[] others =
        [
            Asleep with { IsRunning = true },
            Asleep with { Switches = 11 },
            Asleep with { Runs = 6 },
            Asleep with { RunNanoseconds = 1001 },
        ];
        foreach (RunMark other in others)
        {
            Assert.False(other.ProvesStillSince(Asleep));
            Assert.False(Asleep.ProvesStillSince(other));
        }
    }
}
