namespace Blindspot.Target.Saved;

/// <summary>Bytes of a process's memory, or of a file, and where they lie in the data of a saved snapshot.</summary>
/// <param name="Address">In the process, or offset in the file.</param>
/// <param name="Length">In bytes.</param>
/// <param name="Position">In the data.</param>
internal readonly record struct SavedRange(ulong Address, ulong Length, ulong Position)
{
    public ulong End => Address + Length;
}
