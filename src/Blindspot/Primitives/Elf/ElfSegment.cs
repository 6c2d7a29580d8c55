using System.Buffers.Binary;

namespace Blindspot.Primitives.Elf;

/// <summary>A program header (Elf64_Phdr; gABI chapter 5, "Program Header").</summary>
/// <param name="Type">p_type.</param>
/// <param name="Flags">p_flags: 1 executable, 2 writable, 4 readable.</param>
/// <param name="FileOffset">p_offset.</param>
/// <param name="Address">p_vaddr: in an image relative to its load bias, in a core an address of the process.</param>
/// <param name="FileSize">Bytes that the file holds of it.</param>
/// <param name="MemorySize">Bytes that it takes in memory.</param>
/// <param name="Alignment">p_align.</param>
public readonly record struct ElfSegment(
    ElfSegmentType Type,
    uint Flags,
    ulong FileOffset,
    ulong Address,
    ulong FileSize,
    ulong MemorySize,
    ulong Alignment)
{
    /// <summary>Size of Elf64_Phdr.</summary>
    public const int HeaderSize = 56;

    public bool IsExecutable => (Flags & 1) != 0;

    public bool IsWritable => (Flags & 2) != 0;

    public bool IsReadable => (Flags & 4) != 0;

    /// <summary>Whether the address lies in what it takes in memory.</summary>
    public bool Contains(ulong address) => address - Address < MemorySize;

    /// <summary>Reads the whole table; a table that is cut short gives what is there when <paramref name="allowCut"/> is set.</summary>
    /// <exception cref="MalformedDataException">The table lies outside the file or has more entries than allowed.</exception>
    public static ElfSegment[] ReadAll(ByteSource source, ElfHeader header, int maxCount, bool allowCut, string what)
    {
        long count = header.ProgramHeaderCount;
        if (count == ElfHeader.ManyProgramHeaders && header.SectionHeaderOffset != 0)
        {
            // PN_XNUM (elf(5), e_phnum): section 0 holds the count in sh_info, at +44.
            Span<byte> info = stackalloc byte[4];
            if (header.SectionHeaderOffset > long.MaxValue - 44 || source.Read((long)header.SectionHeaderOffset + 44, info) != 4)
            {
                // The kernel writes this section behind all memory, so a cut core has lost it.
                count = allowCut ? CountByContents(source, header, maxCount) : throw Cut(what, header);
            }
            else
            {
                count = BinaryPrimitives.ReadUInt32LittleEndian(info);
            }
        }

        if (count == 0 || header.ProgramHeaderOffset == 0)
        {
            return [];
        }

        if (header.ProgramHeaderSize != HeaderSize)
        {
            throw new MalformedDataException(what, 54, $"program headers of {header.ProgramHeaderSize} bytes, not {HeaderSize}");
        }

        if (count > maxCount)
        {
            throw new MalformedDataException(what, 56, $"{count} program headers, more than the limit of {maxCount}");
        }

        if (header.ProgramHeaderOffset > (ulong)source.Length)
        {
            throw Cut(what, header);
        }

        long there = Math.Min(count, (source.Length - (long)header.ProgramHeaderOffset) / HeaderSize);
        if (there < count && !allowCut)
        {
            throw Cut(what, header);
        }

        byte[] bytes = source.ReadExactly((long)header.ProgramHeaderOffset, there * HeaderSize, what);
        var segments = new ElfSegment[there];
        for (int i = 0; i < segments.Length; i++)
        {
            segments[i] = Parse(bytes.AsSpan(i * HeaderSize, HeaderSize));
        }

        return segments;
    }

    private static ElfSegment Parse(ReadOnlySpan<byte> bytes) => new(
        (ElfSegmentType)BinaryPrimitives.ReadUInt32LittleEndian(bytes),
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[32..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]),
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[48..]));

    /// <summary>
    /// In a core the table ends where the notes begin, and the notes are its first entry; so the first entry's offset
    /// tells the count where the count itself is lost.
    /// </summary>
    private static long CountByContents(ByteSource source, ElfHeader header, int maxCount)
    {
        Span<byte> first = stackalloc byte[HeaderSize];
        if (header.ProgramHeaderOffset > (ulong)source.Length || source.Read((long)header.ProgramHeaderOffset, first) != HeaderSize)
        {
            return 0;
        }

        ElfSegment notes = Parse(first);
        ulong bytes = notes.FileOffset - header.ProgramHeaderOffset;
        return notes.Type == ElfSegmentType.Note && notes.FileOffset > header.ProgramHeaderOffset
            ? (long)Math.Min(bytes / HeaderSize, (ulong)maxCount)
            : 0;
    }

    private static MalformedDataException Cut(string what, ElfHeader header) =>
        new(what, (long)Math.Min(header.ProgramHeaderOffset, long.MaxValue), "the program header table reaches past the end of the file");
}
