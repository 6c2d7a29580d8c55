namespace Blindspot.Target;

/// <summary>One of the three timers that a process has as a whole (setitimer(2)).</summary>
/// <param name="Kind">Which of the three.</param>
/// <param name="Interval">What it is set to again each time it has run out; zero for a timer that runs once.</param>
/// <param name="Remaining">Until it sends its signal; zero while it is off, null while it is on and that is not known.</param>
public readonly record struct IntervalTimer(IntervalTimerKind Kind, TimeSpan Interval, TimeSpan? Remaining)
{
    public bool IsOn => Remaining != TimeSpan.Zero;
}
