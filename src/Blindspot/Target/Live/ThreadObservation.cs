namespace Blindspot.Target.Live;

/// <summary>One look at one thread.</summary>
internal readonly record struct ThreadObservation(ThreadSnapshot Thread, RunMark Mark);
