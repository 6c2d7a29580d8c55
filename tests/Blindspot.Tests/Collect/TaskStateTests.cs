using Blindspot.Collect;

namespace Blindspot.Tests.Collect;

public sealed class TaskStateTests
{
    [Theory]
    [InlineData(0, 0, 'R')]
    [InlineData(1, 0, 'S')]
    [InlineData(2, 0, 'D')]
    [InlineData(4, 0, 'T')]
    [InlineData(8, 0, 't')]
    [InlineData(0x80, 0x20, 'Z')]
    [InlineData(0x80, 0x10, 'X')]
    [InlineData(0x402, 0, 'I')]
    [InlineData(0x1000, 0, 'D')]
    [InlineData(0x8000, 0, 'D')]
    [InlineData(0x2001, 0, 'S')]
    public void Letters_are_those_of_proc(uint state, uint exitState, char letter) =>
        Assert.Equal(letter, TaskState.ToLetter(state, exitState));

    [Fact]
    public void Time_is_divided_as_the_ticks_sampled_it()
    {
        Assert.Equal((TimeSpan.FromMilliseconds(75), TimeSpan.FromMilliseconds(25)), TaskState.DivideTime(100_000_000, 30_000_000, 10_000_000));
        Assert.Equal((TimeSpan.FromMilliseconds(5), TimeSpan.Zero), TaskState.DivideTime(5_000_000, 0, 0));
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromMilliseconds(5)), TaskState.DivideTime(5_000_000, 0, 1));
    }
}
