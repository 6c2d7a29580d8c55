using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// The entries of .eh_frame (Linux Standard Base, Core, section 10.6) or .debug_frame (DWARF 5, section 6.4.1), which
/// differ in how an entry tells its kind and names its CIE. Thread-safe; throws <see cref="MalformedDataException"/>.
/// </summary>
internal sealed class CallFrameSection(ReadOnlyMemory<byte> bytes, PointerBases bases, bool isEhFrame, bool endsAtTerminator, UseMap? use = null)
{
    private const int CieCacheSize = 64;

    /// <summary>Bytes of a CIE, which real ones stay far below: many descriptions may name many of them in turn.</summary>
    private const int MaxCieBytes = 4096;

    /// <summary>Bytes of one function's instructions, all of which a look-up may have to run.</summary>
    private const int MaxInstructionBytes = 1 << 20;

    private readonly CommonInformationEntry?[] _cies = new CommonInformationEntry?[CieCacheSize];

    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public PointerBases Bases { get; } = bases;

    public string Name { get; } = isEhFrame ? ".eh_frame" : ".debug_frame";

    /// <summary>
    /// Reads the entry at <paramref name="offset"/>. True with a description; false for a CIE or a terminator.
    /// <paramref name="next"/> is where the next entry begins, and is set even when the entry's content is malformed;
    /// past a terminator that ends the section it is the section's length.
    /// </summary>
    public bool TryReadDescription(int offset, out FrameDescription description, out int next)
    {
        description = default;
        next = Bytes.Length;
        ReadOnlySpan<byte> section = Bytes.Span;
        var reader = new ByteReader(section, Name, offset);
        ulong length = ReadLength(ref reader, out bool is64Bit);
        if (length == 0)
        {
            next = isEhFrame && endsAtTerminator ? section.Length : (int)reader.Position;
            return false;
        }

        if (length > (ulong)reader.Remaining)
        {
            reader.ThrowMalformed("an entry reaches past the end of the section");
        }

        int end = (int)reader.Position + (int)length;
        next = end;
        use?.Mark(offset, end - offset);
        reader = new ByteReader(section[..end], Name, reader.Position);
        int idPosition = (int)reader.Position;
        ulong id = ReadId(ref reader, is64Bit);
        if (IsCieId(id, is64Bit))
        {
            return false;
        }

        ulong cieOffset = isEhFrame ? unchecked((ulong)idPosition - id) : id;
        CommonInformationEntry cie = FindCie(ref reader, cieOffset);
        PointerEncoding encoding = cie.AddressEncoding;
        reader.Skip(cie.SegmentSelectorSize);
        ulong start = ReadAddress(ref reader, cie);
        ulong size = isEhFrame ? encoding.ReadLength(ref reader) : reader.ReadUnsigned(cie.AddressSize);
        if (cie.HasAugmentationBlock)
        {
            reader.Skip((long)Math.Min(reader.ReadUleb128(), long.MaxValue));
        }

        if (reader.Remaining > MaxInstructionBytes)
        {
            reader.ThrowMalformed("a description is too long");
        }

        ulong last = unchecked(start + size);
        description = new FrameDescription(cie, start, last < start ? ulong.MaxValue : last, (int)reader.Position, end);
        return true;
    }

    public CallFrameProgram Run(in FrameDescription description) => new(
        new ByteReader(Bytes.Span[..description.InstructionsEnd], Name, description.InstructionsStart),
        description.Cie,
        description.Start,
        description.End,
        Bases,
        isInitial: false);

    private static ulong ReadLength(ref ByteReader reader, out bool is64Bit)
    {
        uint length = reader.ReadUInt32();
        is64Bit = length == uint.MaxValue;
        if (length >= 0xffff_fff0 && !is64Bit)
        {
            reader.ThrowMalformed("an entry's length is a reserved value");
        }

        return is64Bit ? reader.ReadUInt64() : length;
    }

    /// <summary>In .eh_frame the field keeps its four bytes even under a 64-bit length.</summary>
    private ulong ReadId(ref ByteReader reader, bool is64Bit) => reader.ReadOffset(is64Bit && !isEhFrame);

    private bool IsCieId(ulong id, bool is64Bit) =>
        id == (isEhFrame ? 0 : is64Bit ? ulong.MaxValue : uint.MaxValue);

    private ulong ReadAddress(ref ByteReader reader, CommonInformationEntry cie)
    {
        if (!isEhFrame)
        {
            return reader.ReadUnsigned(cie.AddressSize);
        }

        return cie.AddressEncoding.Read(ref reader, Bases);
    }

    private CommonInformationEntry FindCie(ref ByteReader reader, ulong offset)
    {
        if (offset >= (ulong)Bytes.Length)
        {
            reader.ThrowMalformed("a description names a CIE outside the section");
        }

        int at = (int)offset;
        ref CommonInformationEntry? slot = ref _cies[(at >> 2) % CieCacheSize];
        CommonInformationEntry? cie = Volatile.Read(ref slot);
        if (cie is null || cie.Offset != at)
        {
            cie = ReadCie(at);
            Volatile.Write(ref slot, cie);
        }

        return cie;
    }

    private CommonInformationEntry ReadCie(int offset)
    {
        ReadOnlySpan<byte> section = Bytes.Span;
        var reader = new ByteReader(section, Name, offset);
        ulong length = ReadLength(ref reader, out bool is64Bit);
        if (length > (ulong)Math.Min(reader.Remaining, MaxCieBytes))
        {
            reader.ThrowMalformed("a CIE is too long");
        }

        use?.Mark(offset, reader.Position + (long)length - offset);
        reader = new ByteReader(section[..((int)reader.Position + (int)length)], Name, reader.Position);
        if (!IsCieId(ReadId(ref reader, is64Bit), is64Bit))
        {
            reader.ThrowMalformed("a description names something that is no CIE");
        }

        byte version = reader.ReadByte();
        if (version is not (1 or 3 or 4))
        {
            reader.ThrowMalformed($"CIE version {version} is not known");
        }

        ReadOnlySpan<byte> augmentation = reader.ReadCStringBytes();
        if (augmentation.StartsWith("eh"u8))
        {
            // A pointer that GCC 2 put here; "eh" stands first in the string.
            reader.Skip(8);
            augmentation = augmentation[2..];
        }

        byte addressSize = 8;
        byte segmentSelectorSize = 0;
        if (version == 4)
        {
            addressSize = reader.ReadByte();
            segmentSelectorSize = reader.ReadByte();
        }

        ulong codeAlignment = reader.ReadUleb128();
        long dataAlignment = reader.ReadSleb128();
        ulong returnAddress = version == 1 ? reader.ReadByte() : reader.ReadUleb128();
        if (returnAddress > byte.MaxValue)
        {
            reader.ThrowMalformed($"the return address is in register {returnAddress}");
        }

        var encoding = new PointerEncoding(PointerEncoding.Absolute);
        bool isSignalFrame = false;
        bool hasBlock = !augmentation.IsEmpty && augmentation[0] == (byte)'z';
        if (hasBlock)
        {
            ReadAugmentation(ref reader, augmentation[1..], ref encoding, ref isSignalFrame);
        }
        else if (augmentation.SequenceEqual("S"u8))
        {
            isSignalFrame = true;
        }
        else if (!augmentation.IsEmpty)
        {
            // Without 'z' nothing tells how long an unknown augmentation's data are (LSB Core, 10.6.1.1.1).
            reader.ThrowMalformed("the augmentation is not known");
        }

        var cie = new CommonInformationEntry
        {
            Offset = offset,
            CodeAlignment = codeAlignment,
            DataAlignment = dataAlignment,
            ReturnAddressRegister = (byte)returnAddress,
            AddressEncoding = encoding,
            HasAugmentationBlock = hasBlock,
            IsSignalFrame = isSignalFrame,
            AddressSize = addressSize,
            SegmentSelectorSize = segmentSelectorSize,
        };
        var program = new CallFrameProgram(reader, cie, 0, ulong.MaxValue, Bases, isInitial: true);
        program.MoveNext();
        cie.Initial = program.State;
        return cie;
    }

    /// <summary>The block's length lets a reader stop at the first letter it does not know.</summary>
    private void ReadAugmentation(ref ByteReader reader, ReadOnlySpan<byte> letters, ref PointerEncoding encoding, ref bool isSignalFrame)
    {
        ulong length = reader.ReadUleb128();
        long end = reader.Position + (long)Math.Min(length, int.MaxValue);
        foreach (byte letter in letters)
        {
            switch ((char)letter)
            {
                case 'L':
                    reader.ReadByte();
                    break;
                case 'R':
                    encoding = new PointerEncoding(reader.ReadByte());
                    break;
                case 'P':
                    new PointerEncoding(reader.ReadByte()).Skip(ref reader, Bases.Section);
                    break;
                case 'S':
                    isSignalFrame = true;
                    break;
                case 'B': // AArch64: return addresses are signed with the B key
                case 'G': // AArch64: memory tagging
                    break;
                default:
                    reader.Position = end;
                    return;
            }
        }

        reader.Position = end;
    }
}
