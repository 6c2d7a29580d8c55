using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>The stack on which a thread's signal handlers run if they ask for it (sigaltstack(2)); a size of 0 stands for none.</summary>
public readonly record struct AlternateStack(TargetAddress Start, ulong Size)
{
    public bool IsNone => Size == 0;
}
