namespace Blindspot.Model;

/// <summary>What a task is doing, in words that fit every runtime.</summary>
public enum TaskStatus
{
    /// <summary>Ready, waiting for a processor.</summary>
    Runnable,

    /// <summary>Runs the runtime's own language on a thread.</summary>
    Running,

    /// <summary>In a system call or in foreign (C) code, on a thread.</summary>
    Syscall,

    /// <summary>Parked; not on a thread.</summary>
    Waiting,

    /// <summary>Stopped by the runtime itself to be resumed (Go's preempted).</summary>
    Preempted,

    /// <summary>Not used now (Go's idle, dead and copystack states are not reported; this is what else there is).</summary>
    Other,
}
