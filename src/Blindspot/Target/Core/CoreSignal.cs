using Blindspot.Primitives;

namespace Blindspot.Target.Core;

/// <summary>The signal that ended the process, from NT_SIGINFO.</summary>
/// <param name="Number">si_signo.</param>
/// <param name="Code">si_code: why it was sent.</param>
/// <param name="Address">si_addr for SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGTRAP sent by the kernel; else null.</param>
public sealed record CoreSignal(int Number, int Code, TargetAddress? Address);
