namespace Blindspot.Target;

/// <summary>How a snapshot was taken and what that did to the target.</summary>
/// <param name="How">"watch", "proc", "stop" or "core".</param>
/// <param name="ThreadsStopped">Threads that were stopped at all.</param>
/// <param name="LongestStop">The longest time that one thread was kept stopped.</param>
/// <param name="Elapsed">From the first read to now, when this report was asked for.</param>
public sealed record CaptureReport(string How, int ThreadsStopped, TimeSpan LongestStop, TimeSpan Elapsed);
