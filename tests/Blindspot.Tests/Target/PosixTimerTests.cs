using Blindspot.Target;

namespace Blindspot.Tests.Target;

public sealed class PosixTimerTests
{
    // Of a program with a timer of each kind, glibc 2.36, Linux 6.18; the last as a Go program has them.
    private static readonly byte[] s_text =
        """
        ID: 3
        signal: 27/000000000000004d
        notify: signal/tid.14114
        ClockID: -2
        ID: 2
        signal: 10/000000000000004d
        notify: none/pid.14114
        ClockID: -6
        ID: 1
        signal: 10/000000000000004d
        notify: signal/pid.14114
        ClockID: 0
        ID: 0
        signal: 32/000055d2b9ea5460
        notify: signal/tid.14115
        ClockID: 1
        ID: 4
        signal: 27/0000000000000000
        notify: signal/tid.14116
        ClockID: 3

        """u8.ToArray();

    [Fact]
    public void Each_kind_of_timer_is_read()
    {
        IReadOnlyList<PosixTimer> timers = PosixTimer.Parse(s_text);
        Assert.Equal(
            [
                new PosixTimer(3, 27, 77, TimerNotification.Signal, 14114, -2),
                new PosixTimer(2, 10, 77, TimerNotification.None, null, -6),
                new PosixTimer(1, 10, 77, TimerNotification.Signal, null, 0),
                new PosixTimer(0, 32, 0x55d2b9ea5460, TimerNotification.Signal, 14115, 1),
                new PosixTimer(4, 27, 0, TimerNotification.Signal, 14116, 3),
            ],
            timers);
        Assert.Equal([true, false, false, false, true], timers.Select(timer => timer.CountsThreadTime));
        Assert.Equal([false, false, false, true, false], timers.Select(timer => timer.IsLibraryThread));
    }

    [Fact]
    public void No_timers_are_an_empty_text() => Assert.Empty(PosixTimer.Parse([]));

    [Fact]
    public void What_cannot_be_read_is_left_out()
    {
        Assert.Equal([9], PosixTimer.Parse("ID: 8\nsignal: x\nID: 9\nsignal: 1/0\nnotify: thread/pid.1\nClockID: 1\nID: 10\nsig"u8).Select(timer => timer.Id));
    }

    [Fact]
    public void Any_damage_is_survived()
    {
        for (int seed = 0; seed < 5000; seed++)
        {
            Assert.True(PosixTimer.Parse(MutationSeeds.Mutate(s_text, seed)).Count <= s_text.Length / 4);
        }
    }
}
