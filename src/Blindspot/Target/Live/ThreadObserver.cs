namespace Blindspot.Target.Live;

/// <summary>A way to look at all threads of a process without stopping them.</summary>
internal abstract class ThreadObserver : IDisposable
{
    /// <summary>"watch" or "proc".</summary>
    internal abstract string How { get; }

    /// <summary>What the process does on each signal, as of the last look; null where this way does not tell.</summary>
    internal virtual IReadOnlyList<SignalDisposition>? Dispositions => null;

    /// <summary>The timers of setitimer(2), as of the last look; null where this way does not tell.</summary>
    internal virtual IReadOnlyList<IntervalTimer>? IntervalTimers => null;

    /// <summary>Looks at every thread that lives, in no particular order; clears the list first.</summary>
    internal abstract void Observe(List<ThreadObservation> into);

    /// <summary>Looks at some threads; those that are gone are left out. Clears the list first.</summary>
    internal virtual void Observe(IReadOnlyCollection<int> tids, List<ThreadObservation> into)
    {
        HashSet<int> wanted = [.. tids];
        Observe(into);
        into.RemoveAll(observation => !wanted.Contains(observation.Thread.Tid));
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
