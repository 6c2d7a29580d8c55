using System.Buffers;
using System.Text;
using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>Writes the parts of an index: numbers as LEB128, texts in UTF-8 behind their length.</summary>
internal sealed class IndexWriter
{
    private readonly ArrayBufferWriter<byte> _bytes = new(1 << 16);

    public ReadOnlySpan<byte> Bytes => _bytes.WrittenSpan;

    public void Number(ulong value)
    {
        Span<byte> place = _bytes.GetSpan(10);
        int length = 0;
        while (value >= 0x80)
        {
            place[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        place[length++] = (byte)value;
        _bytes.Advance(length);
    }

    /// <summary>Small numbers of either sign are short.</summary>
    public void Signed(long value) => Number((ulong)((value << 1) ^ (value >> 63)));

    public void Flag(bool value) => Number(value ? 1UL : 0UL);

    /// <summary>A number that may be missing: a flag, and the number behind it if it is there.</summary>
    public void Optional(ulong? value)
    {
        Flag(value is not null);
        if (value is { } known)
        {
            Number(known);
        }
    }

    public void Address(TargetAddress address) => Number(address.Value);

    public void Text(string? value)
    {
        Flag(value is not null);
        if (value is null)
        {
            return;
        }

        int length = Encoding.UTF8.GetByteCount(value);
        Number((ulong)length);
        Encoding.UTF8.GetBytes(value, _bytes.GetSpan(length));
        _bytes.Advance(length);
    }

    /// <summary>As a text, for what may be no valid UTF-8.</summary>
    public void Raw(ReadOnlySpan<byte> value)
    {
        Flag(true);
        Number((ulong)value.Length);
        _bytes.Write(value);
    }

    /// <summary>A part: its number, its length, and what <paramref name="write"/> puts into it.</summary>
    public void Part(SnapshotFormat.Part part, Action<IndexWriter> write)
    {
        var inner = new IndexWriter();
        write(inner);
        Number((ulong)part);
        Number((ulong)inner._bytes.WrittenCount);
        _bytes.Write(inner.Bytes);
    }
}
