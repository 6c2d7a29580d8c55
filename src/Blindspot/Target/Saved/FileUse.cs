using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>A table in a mapped file of which just the parts that were used are to be saved.</summary>
/// <param name="Path">The file.</param>
/// <param name="Offset">Where in the file the table begins.</param>
/// <param name="Map">What was used of it.</param>
internal sealed record FileUse(string Path, long Offset, UseMap Map)
{
    public bool IsWithin(ulong start, ulong length) => start <= (ulong)Offset && (ulong)(Offset + Map.Length) - start <= length;
}
