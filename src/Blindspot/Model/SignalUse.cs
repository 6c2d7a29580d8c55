namespace Blindspot.Model;

/// <summary>What a runtime needs a signal for; it says what breaks when somebody else takes it.</summary>
public enum SignalUse
{
    /// <summary>Nothing: the default action, or whatever the program wants.</summary>
    None,

    /// <summary>To take samples for CPU profiles (Go's SIGPROF).</summary>
    Profiling,

    /// <summary>To interrupt tasks that run, so that the world can be stopped (Go's SIGURG, .NET's first real-time signal).</summary>
    Preemption,

    /// <summary>To turn a bad memory access or division into an error of the language.</summary>
    Fault,

    /// <summary>To end the program with a report of its own (a dump of all tasks).</summary>
    Fatal,

    /// <summary>To let writes to a broken pipe fail instead of ending the program.</summary>
    BrokenPipe,

    /// <summary>To have every thread do something, on the runtime's own behalf.</summary>
    Internal,

    /// <summary>To tell the program of it, if that asked to be told.</summary>
    Notification,
}
