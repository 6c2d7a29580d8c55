using System.Buffers.Binary;

namespace Blindspot.Primitives.Elf;

/// <summary>
/// Walks the notes of a segment or section (gABI chapter 5, "Note Section") without loading their contents: a core of
/// a thousand threads has many MiB of extended registers that nobody asks for.
/// </summary>
public sealed class ElfNotes
{
    /// <summary>NT_GNU_BUILD_ID of owner "GNU".</summary>
    public const uint GnuBuildId = 3;

    /// <summary>The Go linker's build ID, of owner "Go" (cmd/link/internal/ld/elf.go, ELF_NOTE_GOBUILDID_TAG).</summary>
    public const uint GoBuildId = 4;

    private const int WindowSize = 32 * 1024;

    private readonly ByteSource _source;
    private readonly string _what;
    private readonly long _end;
    private readonly int _alignment;
    private readonly byte[] _window;
    private readonly byte[] _owner = new byte[16];
    private long _windowStart;
    private int _windowLength;
    private long _next;
    private int _ownerLength;

    /// <param name="source">The file.</param>
    /// <param name="offset">Where the notes begin in it.</param>
    /// <param name="length">How many bytes they take.</param>
    /// <param name="alignment">p_align or sh_addralign: 8 for the 8-byte form, else 4.</param>
    /// <param name="what">Name of the place for messages.</param>
    public ElfNotes(ByteSource source, ulong offset, ulong length, ulong alignment, string what)
    {
        if (offset > (ulong)source.Length)
        {
            throw new MalformedDataException(what, (long)Math.Min(offset, long.MaxValue), "notes past the end of the file");
        }

        _source = source;
        _what = what;
        _next = (long)offset;
        ulong there = (ulong)(source.Length - _next);
        IsCut = length > there;
        _end = _next + (long)Math.Min(length, there);
        _alignment = alignment == 8 ? 8 : 4;
        _window = new byte[(int)Math.Clamp(_end - _next, 64, WindowSize)];
    }

    /// <summary>The file ends before the notes do.</summary>
    public bool IsCut { get; private set; }

    public uint Type { get; private set; }

    /// <summary>Offset in the file of the current note's contents.</summary>
    public long ContentsOffset { get; private set; }

    public long ContentsLength { get; private set; }

    public bool MoveNext()
    {
        if (_end - _next < 12 || !Fill(_next, 12))
        {
            return false;
        }

        ReadOnlySpan<byte> header = Window(_next, 12);
        long nameLength = BinaryPrimitives.ReadUInt32LittleEndian(header);
        long length = BinaryPrimitives.ReadUInt32LittleEndian(header[4..]);
        Type = BinaryPrimitives.ReadUInt32LittleEndian(header[8..]);
        long name = _next + 12;

        // The padding after the name counts from the start of the note, which itself is aligned.
        long contents = _next + Align(12 + nameLength);
        if (contents + length > _end)
        {
            IsCut = true;
            return false;
        }

        _ownerLength = 0;
        if (nameLength > 0 && nameLength <= _owner.Length && Fill(name, (int)nameLength))
        {
            Window(name, (int)nameLength).CopyTo(_owner);
            _ownerLength = (int)nameLength;
        }

        ContentsOffset = contents;
        ContentsLength = length;
        _next = contents + Align(length);
        return true;
    }

    /// <summary>Whether the current note's owner is the given name (without its closing zero).</summary>
    public bool IsOwner(ReadOnlySpan<byte> name)
    {
        ReadOnlySpan<byte> owner = _owner.AsSpan(0, _ownerLength);
        return owner.TrimEnd((byte)0).SequenceEqual(name);
    }

    /// <summary>A copy of the current note's contents.</summary>
    /// <exception cref="MalformedDataException">They are longer than <paramref name="maxLength"/> or cannot be read.</exception>
    public byte[] ReadContents(int maxLength)
    {
        if (ContentsLength > maxLength)
        {
            throw new MalformedDataException(_what, ContentsOffset, $"a note of {ContentsLength} bytes, more than {maxLength}");
        }

        byte[] bytes = new byte[ContentsLength];
        if (ContentsLength <= _window.Length && Fill(ContentsOffset, (int)ContentsLength))
        {
            Window(ContentsOffset, bytes.Length).CopyTo(bytes);
            return bytes;
        }

        return _source.ReadExactly(ContentsOffset, ContentsLength, _what);
    }

    private long Align(long length) => (length + _alignment - 1) & -_alignment;

    private ReadOnlySpan<byte> Window(long offset, int count) => _window.AsSpan((int)(offset - _windowStart), count);

    private bool Fill(long offset, int count)
    {
        if (offset >= _windowStart && offset + count <= _windowStart + _windowLength)
        {
            return true;
        }

        int wanted = (int)Math.Min(_window.Length, _end - offset);
        _windowStart = offset;
        _windowLength = wanted <= 0 ? 0 : _source.Read(offset, _window.AsSpan(0, wanted));
        if (_windowLength >= count)
        {
            return true;
        }

        IsCut = true;
        return false;
    }
}
