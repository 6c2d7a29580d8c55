namespace Blindspot.Analysis.Cpu;

/// <summary>Where a thread was when it was sampled.</summary>
internal enum SampleKind
{
    /// <summary>In a process without a runtime that is known.</summary>
    Native,

    /// <summary>In a runtime's own language, for a task.</summary>
    Managed,

    /// <summary>In C that a task called.</summary>
    InC,

    /// <summary>On a thread that C made, outside of any task.</summary>
    Foreign,

    /// <summary>In the runtime's own work: scheduling, collecting garbage.</summary>
    Runtime,
}
