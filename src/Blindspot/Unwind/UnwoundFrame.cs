using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Unwind;

/// <summary>One frame of a stack, before anybody has named it.</summary>
/// <param name="Address">Its code address.</param>
/// <param name="Sp">The stack pointer in that frame.</param>
/// <param name="Module">The module of the code; null in none.</param>
/// <param name="Task">The task on whose stack it lies (Go's g); zero on a thread's own stack.</param>
/// <param name="FoundBy">How it was found.</param>
/// <param name="IsSignalReturn">The code that a signal handler returns into: what is above it was interrupted.</param>
public readonly record struct UnwoundFrame(
    FrameAddress Address,
    TargetAddress Sp,
    Module? Module,
    TargetAddress Task,
    FoundBy FoundBy,
    bool IsSignalReturn = false);
