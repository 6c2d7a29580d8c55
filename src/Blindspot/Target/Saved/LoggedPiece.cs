namespace Blindspot.Target.Saved;

/// <summary>Bytes that lie at an address of a process, or at an offset of a file.</summary>
internal readonly record struct LoggedPiece(ulong Address, ReadOnlyMemory<byte> Bytes)
{
    public ulong End => Address + (ulong)Bytes.Length;
}
