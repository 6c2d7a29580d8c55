using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Units;

/// <summary>Reads and skips the values of attributes.</summary>
internal static class FormReader
{
    public static AttributeValue Read(ref ByteReader reader, DwarfAttribute name, DwarfForm form, long implicitConstant, FormEncoding encoding)
    {
        switch (form)
        {
            case DwarfForm.FlagPresent:
                return new AttributeValue(name, form, 1, 0);
            case DwarfForm.ImplicitConstant:
                return new AttributeValue(name, form, (ulong)implicitConstant, 0);
            case DwarfForm.Data1:
            case DwarfForm.Flag:
            case DwarfForm.Reference1:
            case DwarfForm.StringIndex1:
            case DwarfForm.AddressIndex1:
                return new AttributeValue(name, form, reader.ReadByte(), 0);
            case DwarfForm.Data2:
            case DwarfForm.Reference2:
            case DwarfForm.StringIndex2:
            case DwarfForm.AddressIndex2:
                return new AttributeValue(name, form, reader.ReadUInt16(), 0);
            case DwarfForm.StringIndex3:
            case DwarfForm.AddressIndex3:
                return new AttributeValue(name, form, reader.ReadUInt24(), 0);
            case DwarfForm.Data4:
            case DwarfForm.Reference4:
            case DwarfForm.ReferenceSupplementary4:
            case DwarfForm.StringIndex4:
            case DwarfForm.AddressIndex4:
                return new AttributeValue(name, form, reader.ReadUInt32(), 0);
            case DwarfForm.Data8:
            case DwarfForm.Reference8:
            case DwarfForm.ReferenceSignature:
            case DwarfForm.ReferenceSupplementary8:
                return new AttributeValue(name, form, reader.ReadUInt64(), 0);
            case DwarfForm.SignedData:
                return new AttributeValue(name, form, (ulong)reader.ReadSleb128(), 0);
            case DwarfForm.UnsignedData:
            case DwarfForm.ReferenceUnsigned:
            case DwarfForm.StringIndex:
            case DwarfForm.AddressIndex:
            case DwarfForm.LocationListIndex:
            case DwarfForm.RangeListIndex:
            case DwarfForm.GnuAddressIndex:
            case DwarfForm.GnuStringIndex:
                return new AttributeValue(name, form, reader.ReadUleb128(), 0);
            case DwarfForm.Address:
                return new AttributeValue(name, form, reader.ReadUnsigned(encoding.AddressSize), 0);
            case DwarfForm.ReferenceAddress:
            case DwarfForm.StringPointer:
            case DwarfForm.LineStringPointer:
            case DwarfForm.StringPointerSupplementary:
            case DwarfForm.SectionOffset:
            case DwarfForm.GnuReferenceAlternate:
            case DwarfForm.GnuStringPointerAlternate:
                return new AttributeValue(name, form, reader.ReadUnsigned(encoding.SizeOf(form)), 0);
            case DwarfForm.String:
                int start = (int)reader.Position;
                reader.ReadCStringBytes();
                return new AttributeValue(name, form, 0, start);
            case DwarfForm.Data16:
                return ReadBlock(ref reader, name, form, 16);
            case DwarfForm.Block1:
                return ReadBlock(ref reader, name, form, reader.ReadByte());
            case DwarfForm.Block2:
                return ReadBlock(ref reader, name, form, reader.ReadUInt16());
            case DwarfForm.Block4:
                return ReadBlock(ref reader, name, form, reader.ReadUInt32());
            case DwarfForm.Block:
            case DwarfForm.Expression:
                return ReadBlock(ref reader, name, form, reader.ReadUleb128());
            case DwarfForm.Indirect:
                return ReadIndirect(ref reader, name, encoding);
            default:
                reader.ThrowMalformed($"form 0x{(int)form:x} is not known");
                return default;
        }
    }

    public static void Skip(ref ByteReader reader, DwarfForm form, FormEncoding encoding)
    {
        int size = encoding.SizeOf(form);
        if (size >= 0)
        {
            reader.Skip(size);
        }
        else
        {
            Read(ref reader, DwarfAttribute.None, form, 0, encoding);
        }
    }

    private static AttributeValue ReadBlock(ref ByteReader reader, DwarfAttribute name, DwarfForm form, ulong length)
    {
        int start = (int)reader.Position;
        reader.Skip((long)Math.Min(length, long.MaxValue));
        return new AttributeValue(name, form, length, start);
    }

    private static AttributeValue ReadIndirect(ref ByteReader reader, DwarfAttribute name, FormEncoding encoding)
    {
        ulong form = reader.ReadUleb128();
        if (form is (ulong)DwarfForm.Indirect or (ulong)DwarfForm.ImplicitConstant or > ushort.MaxValue)
        {
            reader.ThrowMalformed($"an indirect form 0x{form:x}");
        }

        return Read(ref reader, name, (DwarfForm)form, 0, encoding);
    }
}
