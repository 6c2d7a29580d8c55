using Blindspot.Primitives;

namespace Blindspot.Export.Pprof;

/// <summary>
/// Walks the fields of one protobuf message (protobuf.dev, "Encoding"). Offsets in errors count from the start of the
/// whole file, however deep the message lies.
/// </summary>
internal ref struct ProtobufReader
{
    private const int Varint = 0;
    private const int Fixed64 = 1;
    private const int LengthDelimited = 2;
    private const int Fixed32 = 5;

    private readonly ReadOnlySpan<byte> _file;
    private ByteReader _bytes;
    private int _wireType;

    public ProtobufReader(ReadOnlySpan<byte> file, string section)
        : this(file, section, 0)
    {
    }

    private ProtobufReader(ReadOnlySpan<byte> file, string section, long start)
    {
        _file = file;
        _bytes = new ByteReader(file, section, start);
    }

    /// <summary>The number of the field that <see cref="MoveNext"/> came to.</summary>
    public int Field { get; private set; }

    public readonly long Position => _bytes.Position;

    /// <summary>Its value must be read, or skipped, before the next.</summary>
    public bool MoveNext()
    {
        if (_bytes.AtEnd)
        {
            return false;
        }

        ulong tag = _bytes.ReadUleb128();
        ulong field = tag >> 3;
        if (field is 0 or > 0x1fffffff)
        {
            ThrowMalformed($"a field of number {field}");
        }

        Field = (int)field;
        _wireType = (int)(tag & 7);
        return true;
    }

    public ulong ReadNumber()
    {
        if (_wireType != Varint)
        {
            ThrowMalformed($"field {Field} is no number (wire type {_wireType})");
        }

        return _bytes.ReadUleb128();
    }

    public long ReadSigned() => unchecked((long)ReadNumber());

    /// <summary>A message within; it ends where its length says.</summary>
    public ProtobufReader ReadMessage()
    {
        int length = ReadLength();
        int start = (int)_bytes.Position;
        _bytes.Skip(length);
        return new ProtobufReader(_file[..(start + length)], _bytes.Section, start);
    }

    /// <summary>Where the bytes of a text lie in the file.</summary>
    public (int Start, int Length) ReadTextPlace()
    {
        int length = ReadLength();
        int start = (int)_bytes.Position;
        _bytes.Skip(length);
        return (start, length);
    }

    /// <summary>Adds what a repeated number holds here: one value, or as many as are packed together.</summary>
    public void ReadNumbers(List<ulong> into)
    {
        if (_wireType != LengthDelimited)
        {
            into.Add(ReadNumber());
            return;
        }

        int length = ReadLength();
        int start = (int)_bytes.Position;
        _bytes.Skip(length);
        var packed = new ByteReader(_file[..(start + length)], _bytes.Section, start);
        while (!packed.AtEnd)
        {
            into.Add(packed.ReadUleb128());
        }
    }

    public void SkipValue()
    {
        switch (_wireType)
        {
            case Varint:
                _bytes.ReadUleb128();
                break;
            case Fixed64:
                _bytes.Skip(8);
                break;
            case LengthDelimited:
                _bytes.Skip(ReadLength());
                break;
            case Fixed32:
                _bytes.Skip(4);
                break;
            default:
                ThrowMalformed($"field {Field} has wire type {_wireType}, which profiles don't use");
                break;
        }
    }

    public readonly void ThrowMalformed(string what) => _bytes.ThrowMalformed(what);

    private int ReadLength()
    {
        if (_wireType != LengthDelimited)
        {
            ThrowMalformed($"field {Field} has no length (wire type {_wireType})");
        }

        ulong length = _bytes.ReadUleb128();
        if (length > (ulong)_bytes.Remaining)
        {
            ThrowMalformed($"field {Field} of {length} bytes reaches past the end");
        }

        return (int)length;
    }
}
