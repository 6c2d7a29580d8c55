using Blindspot.Target;

namespace Blindspot.Analysis.Doctor;

internal static class ThreadTimes
{
    /// <summary>User and system time together; null where they are not known.</summary>
    public static TimeSpan? CpuTime(this ThreadSnapshot thread) => thread.UserTime + thread.SystemTime;
}
