namespace Blindspot.Target;

/// <summary>How a live process is looked at, least disturbance first.</summary>
public enum CaptureTier
{
    /// <summary>By a BPF iterator; nothing is stopped.</summary>
    Watch,

    /// <summary>By /proc alone: of registers only pc, sp and the arguments of a system call are known; nothing is stopped.</summary>
    Proc,

    /// <summary>By ptrace: all threads are stopped for a moment.</summary>
    Stop,
}
