namespace Blindspot.Target;

/// <summary>How a snapshot of a live process is to be taken.</summary>
public sealed record CaptureOptions
{
    public static CaptureOptions Default { get; } = new();

    public CaptureTier Tier { get; init; } = CaptureTier.Watch;

    /// <summary>The longest that all threads are kept stopped once they stand; then they are let go, whatever the reader is doing.</summary>
    public TimeSpan StopBudget { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait for threads to stop. One in an uninterruptible wait may never do so.</summary>
    public TimeSpan StopWait { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Bytes from the stack pointer upwards that are copied of each thread while it is stopped.</summary>
    public int StackBytes { get; init; } = 256 << 10;

    /// <summary>Bytes of stacks that are copied of all stopped threads together; each then gives an equal part, at least a few pages.</summary>
    public int AllStackBytes { get; init; } = 32 << 20;
}
