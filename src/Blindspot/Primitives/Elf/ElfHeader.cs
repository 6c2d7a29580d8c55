using System.Buffers.Binary;

namespace Blindspot.Primitives.Elf;

/// <summary>
/// The ELF header (System V gABI, chapter 4, "ELF Header"). Of files that are not 64-bit little-endian only
/// <see cref="Class"/>, <see cref="Type"/> and <see cref="Machine"/> are filled, enough to say what they are.
/// </summary>
public sealed record ElfHeader
{
    /// <summary>Size of Elf64_Ehdr.</summary>
    public const int Size = 64;

    /// <summary>e_phnum when the count does not fit it and stands in sh_info of section 0.</summary>
    public const int ManyProgramHeaders = 0xffff;

    /// <summary>e_shstrndx when the index does not fit it and stands in sh_link of section 0 (SHN_XINDEX).</summary>
    public const int LargeIndex = 0xffff;

    public required ElfClass Class { get; init; }

    public required bool IsLittleEndian { get; init; }

    public required ElfFileType Type { get; init; }

    public required ElfMachine Machine { get; init; }

    public ulong EntryPoint { get; init; }

    public ulong ProgramHeaderOffset { get; init; }

    public int ProgramHeaderSize { get; init; }

    public int ProgramHeaderCount { get; init; }

    public ulong SectionHeaderOffset { get; init; }

    public int SectionHeaderSize { get; init; }

    public int SectionHeaderCount { get; init; }

    public int SectionNamesIndex { get; init; }

    /// <summary>64-bit, little-endian, x86-64: what the readers above understand.</summary>
    public bool IsSupported => Class == ElfClass.Elf64 && IsLittleEndian && Machine == ElfMachine.X64;

    /// <summary>What the file is, in words: "64-bit little-endian AArch64 executable".</summary>
    public string Description
    {
        get
        {
            string width = Class switch { ElfClass.Elf32 => "32-bit", ElfClass.Elf64 => "64-bit", _ => "unknown-width" };
            string machine = Machine switch
            {
                ElfMachine.X64 => "x86-64",
                ElfMachine.I386 => "i386",
                ElfMachine.Arm64 => "AArch64",
                ElfMachine.Arm => "ARM",
                ElfMachine.RiscV => "RISC-V",
                ElfMachine.PowerPc64 => "PowerPC64",
                ElfMachine.S390 => "s390",
                ElfMachine.LoongArch => "LoongArch",
                _ => $"machine-{(ushort)Machine}",
            };
            string type = Type switch
            {
                ElfFileType.Executable => "executable",
                ElfFileType.Shared => "shared object or position-independent executable",
                ElfFileType.Core => "core",
                ElfFileType.Relocatable => "object file",
                _ => $"ELF file of type {(ushort)Type}",
            };
            return $"{width} {(IsLittleEndian ? "" : "big-endian ")}{machine} {type}";
        }
    }

    public static bool HasMagic(ReadOnlySpan<byte> bytes) => bytes.StartsWith("\u007fELF"u8);

    /// <exception cref="MalformedDataException">No ELF file at all, or one that is cut within its header.</exception>
    public static ElfHeader Read(ByteSource source, string what)
    {
        Span<byte> bytes = stackalloc byte[Size];
        int count = source.Read(0, bytes);
        return Parse(bytes[..count], what);
    }

    /// <exception cref="MalformedDataException">No ELF header, or a cut one.</exception>
    public static ElfHeader Parse(ReadOnlySpan<byte> bytes, string what)
    {
        if (!HasMagic(bytes))
        {
            throw new MalformedDataException(what, 0, "is not an ELF file");
        }

        if (bytes.Length < 20)
        {
            throw new MalformedDataException(what, 0, $"the ELF header is cut ({bytes.Length} bytes)");
        }

        var elfClass = (ElfClass)bytes[4];
        bool littleEndian = bytes[5] == 1;
        ushort type = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]);
        ushort machine = BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]);
        if (elfClass != ElfClass.Elf64 || !littleEndian)
        {
            return new ElfHeader
            {
                Class = elfClass,
                IsLittleEndian = littleEndian,
                Type = (ElfFileType)(littleEndian ? type : BinaryPrimitives.ReverseEndianness(type)),
                Machine = (ElfMachine)(littleEndian ? machine : BinaryPrimitives.ReverseEndianness(machine)),
            };
        }

        var reader = new ByteReader(bytes, what, 24);
        ulong entry = reader.ReadUInt64();
        ulong programHeaders = reader.ReadUInt64();
        ulong sectionHeaders = reader.ReadUInt64();
        reader.Skip(6);
        return new ElfHeader
        {
            Class = elfClass,
            IsLittleEndian = true,
            Type = (ElfFileType)type,
            Machine = (ElfMachine)machine,
            EntryPoint = entry,
            ProgramHeaderOffset = programHeaders,
            SectionHeaderOffset = sectionHeaders,
            ProgramHeaderSize = reader.ReadUInt16(),
            ProgramHeaderCount = reader.ReadUInt16(),
            SectionHeaderSize = reader.ReadUInt16(),
            SectionHeaderCount = reader.ReadUInt16(),
            SectionNamesIndex = reader.ReadUInt16(),
        };
    }
}
