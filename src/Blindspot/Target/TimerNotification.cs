namespace Blindspot.Target;

/// <summary>How a timer tells that it expired (sigevent(3type)).</summary>
public enum TimerNotification
{
    None,
    Signal,

    /// <summary>SIGEV_THREAD as the kernel would have it; glibc asks for <see cref="Signal"/> instead.</summary>
    Thread,
}
