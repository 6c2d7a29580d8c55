using Blindspot.Arch.X64;
using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>One thread as it was seen.</summary>
public sealed record ThreadSnapshot
{
    /// <summary>Thread id in our PID namespace.</summary>
    public required int Tid { get; init; }

    /// <summary>Thread id in the target's innermost PID namespace: the one that its own memory holds.</summary>
    public required int InnerTid { get; init; }

    /// <summary>Its comm, up to 15 bytes, unescaped as the target set it.</summary>
    public required string Name { get; init; }

    /// <summary>State as in /proc: R, S, D, T, t, Z, X, I. '?' in a core that does not tell.</summary>
    public required char State { get; init; }

    /// <summary>Null where they could not be read; then a gap says why.</summary>
    public X64ThreadState? State64 { get; init; }

    public required Consistency Consistency { get; init; }

    /// <summary>Bit n-1 for signal n; null when not known.</summary>
    public ulong? BlockedSignals { get; init; }

    /// <summary>Bit n-1 for signal n; null when not known.</summary>
    public ulong? PendingSignals { get; init; }

    /// <summary>Null when not known.</summary>
    public AlternateStack? AlternateStack { get; init; }

    public TimeSpan? UserTime { get; init; }

    public TimeSpan? SystemTime { get; init; }
}
