using Blindspot.Primitives;

namespace Blindspot.Image.Pclntab;

/// <summary>
/// The calls that were inlined into one function: FUNCDATA_InlTree, an array of inlinedCall (Go: src/runtime/symtabinl.go;
/// up to 1.19 src/runtime/symtab.go). Up to 1.19: parent int16, funcID uint8, pad, file int32, line int32, func int32,
/// parentPc int32. From 1.20: funcID uint8, 3 pad, nameOff int32, parentPc int32, startLine int32.
/// </summary>
internal readonly ref struct GoInlineTree(ReadOnlySpan<byte> functionData, uint start, GoPclntabVersion version)
{
    private readonly ReadOnlySpan<byte> _bytes = start < (uint)functionData.Length ? functionData[(int)start..] : default;
    private readonly bool _isLong = version == GoPclntabVersion.Go118;
    private readonly int _entrySize = EntrySize(version);

    /// <summary>Bytes of one call.</summary>
    public static int EntrySize(GoPclntabVersion version) => version == GoPclntabVersion.Go118 ? 20 : 16;

    /// <summary>Reads one call; false if it lies outside of what is there.</summary>
    public bool TryRead(int index, out int nameOffset, out uint parentPc, out byte funcId)
    {
        int size = _entrySize;
        long at = (long)index * size;
        if (index < 0 || at > _bytes.Length - size)
        {
            (nameOffset, parentPc, funcId) = (0, 0, 0);
            return false;
        }

        ByteReader reader = new(_bytes.Slice((int)at, size), "inline tree");
        if (_isLong)
        {
            reader.Skip(2);
            funcId = reader.ReadByte();
            reader.Skip(9);
        }
        else
        {
            funcId = reader.ReadByte();
            reader.Skip(3);
        }

        nameOffset = reader.ReadInt32();
        parentPc = reader.ReadUInt32();
        return true;
    }
}
