using System.Buffers.Binary;

namespace Blindspot.Image.Elf;

/// <summary>An entry of a symbol table as it stands in the file (Elf64_Sym; gABI chapter 4, "Symbol Table").</summary>
internal readonly struct ElfSymbolEntry
{
    /// <summary>Size of Elf64_Sym.</summary>
    public const int Size = 24;

    /// <summary>SHN_LORESERVE: from here on section numbers mean something else (absolute, common).</summary>
    private const ushort FirstReservedSection = 0xff00;

    /// <summary>SHN_XINDEX: the section's number does not fit and stands elsewhere.</summary>
    private const ushort LargeSectionIndex = 0xffff;

    public ElfSymbolEntry(ReadOnlySpan<byte> bytes)
    {
        Value = BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]);
        Length = BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]);
        Name = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        SectionIndex = BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]);
        Info = bytes[4];
    }

    public uint Name { get; }

    public byte Info { get; }

    public ushort SectionIndex { get; }

    public ulong Value { get; }

    public ulong Length { get; }

    public ElfSymbolType Type => (ElfSymbolType)(Info & 15);

    public ElfSymbolBinding Binding => (ElfSymbolBinding)(Info >> 4);

    public bool IsDefined => SectionIndex != 0;

    /// <summary>Its value is an address in a section of the file, rather than absolute or common.</summary>
    public bool IsInSection => IsDefined && (SectionIndex < FirstReservedSection || SectionIndex == LargeSectionIndex);

    public bool IsFunction => Type is ElfSymbolType.Function or ElfSymbolType.IndirectFunction;
}
