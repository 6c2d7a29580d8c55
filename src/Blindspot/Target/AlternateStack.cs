using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>The stack on which a thread's signal handlers run if they ask for it (sigaltstack(2)).</summary>
public readonly record struct AlternateStack(TargetAddress Start, ulong Size);
