namespace Blindspot.Analysis.Stacks;

/// <summary>What the members of a group are doing; in the order in which they are told, the most telling first.</summary>
public enum StackGroupKind
{
    /// <summary>Tasks, or threads of the runtime, inside C.</summary>
    InC,

    /// <summary>Tasks that wait for something.</summary>
    Blocked,

    /// <summary>Tasks inside a system call of their own.</summary>
    InSystemCall,

    /// <summary>Tasks that run.</summary>
    Running,

    /// <summary>Tasks that could run and wait for a processor.</summary>
    Runnable,

    /// <summary>Threads of a process without a runtime that we know.</summary>
    Native,

    /// <summary>Threads made by C that no task is on.</summary>
    Foreign,

    /// <summary>Threads of the runtime that no task is on and that are not parked.</summary>
    RuntimeThread,

    /// <summary>Tasks of the runtime itself.</summary>
    SystemTask,

    /// <summary>Threads that the runtime parked with nothing to do.</summary>
    IdleThread,
}
