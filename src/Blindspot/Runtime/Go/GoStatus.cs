using TaskStatus = Blindspot.Model.TaskStatus;

namespace Blindspot.Runtime.Go;

/// <summary>States of a goroutine, g.atomicstatus without the scan bit (Go: src/runtime/runtime2.go; the same from 1.19 to 1.27, Leaked and DeadExtra since 1.26).</summary>
internal enum GoStatus
{
    Idle = 0,
    Runnable = 1,
    Running = 2,
    Syscall = 3,
    Waiting = 4,
    MoribundUnused = 5,
    Dead = 6,
    EnqueueUnused = 7,
    CopyStack = 8,
    Preempted = 9,
    Leaked = 10,
    DeadExtra = 11,
}

internal static class GoStatuses
{
    /// <summary>Set while the garbage collector scans the goroutine's stack (_Gscan).</summary>
    private const uint ScanBit = 0x1000;

    public static GoStatus Of(uint raw) => (GoStatus)(raw & ~ScanBit);

    /// <summary>A goroutine that is in use.</summary>
    public static bool IsAlive(GoStatus status) => status
        is GoStatus.Runnable or GoStatus.Running or GoStatus.Syscall or GoStatus.Waiting
        or GoStatus.CopyStack or GoStatus.Preempted or GoStatus.Leaked;

    public static TaskStatus ToTaskStatus(GoStatus status) => status switch
    {
        GoStatus.Runnable => TaskStatus.Runnable,
        GoStatus.Running => TaskStatus.Running,
        GoStatus.Syscall => TaskStatus.Syscall,
        GoStatus.Waiting or GoStatus.Leaked => TaskStatus.Waiting,
        GoStatus.Preempted => TaskStatus.Preempted,
        _ => TaskStatus.Other,
    };

    /// <summary>As the runtime's own dump names it (src/runtime/traceback.go, gStatusStrings).</summary>
    public static string Text(GoStatus status) => status switch
    {
        GoStatus.Idle => "idle",
        GoStatus.Runnable => "runnable",
        GoStatus.Running => "running",
        GoStatus.Syscall => "syscall",
        GoStatus.Waiting => "waiting",
        GoStatus.Dead => "dead",
        GoStatus.CopyStack => "copystack",
        GoStatus.Leaked => "leaked",
        GoStatus.Preempted => "preempted",
        GoStatus.DeadExtra => "waiting for cgo callback",
        _ => "???",
    };
}
