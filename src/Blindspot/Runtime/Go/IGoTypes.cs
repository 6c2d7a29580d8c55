namespace Blindspot.Runtime.Go;

/// <summary>What debug information tells of the runtime's types.</summary>
public interface IGoTypes
{
    /// <summary>Offset in bytes of a member, as "sched.sp" in "runtime.g"; false if there is no such type or member.</summary>
    bool TryGetOffset(string structName, string path, out int offset);

    /// <summary>Size in bytes of a structure.</summary>
    bool TryGetSize(string structName, out int size);
}
