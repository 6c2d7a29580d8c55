using System.Buffers.Binary;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// The sorted table of .eh_frame_hdr (Linux Standard Base, Core, section 10.6.2): pairs of a function's start and its
/// description's address, both as signed 32-bit distances from the header.
/// </summary>
internal sealed class EhFrameHeader
{
    private const int EntrySize = 8;

    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly ulong _address;
    private readonly int _tableOffset;

    private EhFrameHeader(ReadOnlyMemory<byte> bytes, ulong address, int tableOffset, int count, ulong ehFrame)
    {
        _bytes = bytes;
        _address = address;
        _tableOffset = tableOffset;
        Count = count;
        EhFrameAddress = ehFrame;
    }

    public int Count { get; }

    /// <summary>Where .eh_frame begins.</summary>
    public ulong EhFrameAddress { get; }

    /// <summary>Null where there is no table or not one that can be searched: of another encoding, cut short, not sorted.</summary>
    public static EhFrameHeader? TryOpen(ReadOnlyMemory<byte> bytes, ulong address)
    {
        try
        {
            return Open(bytes, address);
        }
        catch (MalformedDataException)
        {
            return null;
        }
    }

    /// <summary>The description that begins at or below <paramref name="pc"/>; false if none does.</summary>
    public bool TryFind(ulong pc, out ulong start, out ulong descriptionAddress)
    {
        long wanted = unchecked((long)(pc - _address));
        ReadOnlySpan<byte> table = _bytes.Span[_tableOffset..];
        int low = 0;
        int high = Count;
        while (low < high)
        {
            int middle = (int)((uint)(low + high) >> 1);
            if (BinaryPrimitives.ReadInt32LittleEndian(table[(middle * EntrySize)..]) <= wanted)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        if (low == 0)
        {
            start = 0;
            descriptionAddress = 0;
            return false;
        }

        ReadOnlySpan<byte> entry = table.Slice((low - 1) * EntrySize, EntrySize);
        start = unchecked(_address + (ulong)BinaryPrimitives.ReadInt32LittleEndian(entry));
        descriptionAddress = unchecked(_address + (ulong)BinaryPrimitives.ReadInt32LittleEndian(entry[4..]));
        return true;
    }

    private static EhFrameHeader? Open(ReadOnlyMemory<byte> bytes, ulong address)
    {
        var reader = new ByteReader(bytes.Span, ".eh_frame_hdr");
        if (reader.ReadByte() != 1)
        {
            return null;
        }

        var frameEncoding = new PointerEncoding(reader.ReadByte());
        var countEncoding = new PointerEncoding(reader.ReadByte());
        byte tableEncoding = reader.ReadByte();
        if (frameEncoding.IsOmitted || countEncoding.IsOmitted || tableEncoding != PointerEncoding.DataRelativeSigned4)
        {
            return null;
        }

        var bases = new PointerBases(address, null, address);
        ulong ehFrame = frameEncoding.Read(ref reader, bases);
        ulong count = countEncoding.Read(ref reader, bases);
        if (count == 0 || count > (ulong)(reader.Remaining / EntrySize))
        {
            return null;
        }

        int tableOffset = (int)reader.Position;
        ReadOnlySpan<byte> table = bytes.Span.Slice(tableOffset, (int)count * EntrySize);
        int previous = int.MinValue;
        for (int at = 0; at < table.Length; at += EntrySize)
        {
            int start = BinaryPrimitives.ReadInt32LittleEndian(table[at..]);
            if (start < previous)
            {
                return null;
            }

            previous = start;
        }

        return new EhFrameHeader(bytes, address, tableOffset, (int)count, ehFrame);
    }
}
