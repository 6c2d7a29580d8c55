using System.Text;

namespace Blindspot.Export.Pprof;

/// <summary>Collects the fields of one protobuf message. Zeros and empty texts are left out, as the format has it.</summary>
internal sealed class ProtobufWriter
{
    private const int LengthDelimited = 2;
    private const int MaxNumberBytes = 10;

    private byte[] _bytes = new byte[1024];
    private int _length;

    public int Length => _length;

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public void Clear() => _length = 0;

    public void Number(int field, ulong value)
    {
        if (value != 0)
        {
            Raw((ulong)field << 3);
            Raw(value);
        }
    }

    public void Number(int field, long value) => Number(field, unchecked((ulong)value));

    public void Flag(int field, bool value) => Number(field, value ? 1UL : 0);

    /// <summary>Also where it is empty: a table of texts has a first one that is.</summary>
    public void Text(int field, string value)
    {
        int count = Encoding.UTF8.GetByteCount(value);
        Head(field, count);
        Reserve(count);
        _length += Encoding.UTF8.GetBytes(value, _bytes.AsSpan(_length));
    }

    /// <summary>A message within, also an empty one.</summary>
    public void Message(int field, ProtobufWriter message) => Bytes(field, message.Written);

    /// <summary>Numbers packed together; <paramref name="scratch"/> is overwritten.</summary>
    public void Packed(int field, IReadOnlyList<long> values, ProtobufWriter scratch)
    {
        scratch.Clear();
        for (int i = 0; i < values.Count; i++)
        {
            scratch.Raw(unchecked((ulong)values[i]));
        }

        if (values.Count > 0)
        {
            Bytes(field, scratch.Written);
        }
    }

    /// <summary>Identifiers that begin at 1, of indexes that begin at 0, packed together; <paramref name="scratch"/> is overwritten.</summary>
    public void PackedIds(int field, IReadOnlyList<int> indexes, ProtobufWriter scratch)
    {
        scratch.Clear();
        for (int i = 0; i < indexes.Count; i++)
        {
            scratch.Raw((ulong)indexes[i] + 1);
        }

        if (indexes.Count > 0)
        {
            Bytes(field, scratch.Written);
        }
    }

    private void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Head(field, bytes.Length);
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    private void Head(int field, int length)
    {
        Raw(((ulong)field << 3) | LengthDelimited);
        Raw((ulong)length);
    }

    private void Raw(ulong value)
    {
        Reserve(MaxNumberBytes);
        while (value >= 0x80)
        {
            _bytes[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _bytes[_length++] = (byte)value;
    }

    private void Reserve(int count)
    {
        if (count > _bytes.Length - _length)
        {
            Array.Resize(ref _bytes, checked((int)Math.Min(Array.MaxLength, Math.Max((long)_bytes.Length * 2, (long)_length + count))));
        }
    }
}
