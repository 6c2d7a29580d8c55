namespace Blindspot.Image.Dwarf.Units;

/// <summary>What the sizes of forms depend on.</summary>
/// <param name="Version">Of the unit or line table: 2 to 5.</param>
/// <param name="AddressSize">Bytes of an address: 4 or 8.</param>
/// <param name="Is64Bit">Offsets into sections have 8 bytes (the 64-bit format), else 4.</param>
internal readonly record struct FormEncoding(byte Version, byte AddressSize, bool Is64Bit)
{
    public const int Variable = -1;

    public int OffsetSize => Is64Bit ? 8 : 4;

    /// <summary>Bytes that a value of the form takes, <see cref="Variable"/> where the value itself tells.</summary>
    public int SizeOf(DwarfForm form)
    {
        switch (form)
        {
            case DwarfForm.FlagPresent:
            case DwarfForm.ImplicitConstant:
                return 0;
            case DwarfForm.Data1:
            case DwarfForm.Flag:
            case DwarfForm.Reference1:
            case DwarfForm.StringIndex1:
            case DwarfForm.AddressIndex1:
                return 1;
            case DwarfForm.Data2:
            case DwarfForm.Reference2:
            case DwarfForm.StringIndex2:
            case DwarfForm.AddressIndex2:
                return 2;
            case DwarfForm.StringIndex3:
            case DwarfForm.AddressIndex3:
                return 3;
            case DwarfForm.Data4:
            case DwarfForm.Reference4:
            case DwarfForm.ReferenceSupplementary4:
            case DwarfForm.StringIndex4:
            case DwarfForm.AddressIndex4:
                return 4;
            case DwarfForm.Data8:
            case DwarfForm.Reference8:
            case DwarfForm.ReferenceSignature:
            case DwarfForm.ReferenceSupplementary8:
                return 8;
            case DwarfForm.Data16:
                return 16;
            case DwarfForm.Address:
                return AddressSize;
            case DwarfForm.ReferenceAddress:
                // Version 2 gave it the size of an address (DWARF 3, section 7.5.4, tells of the change).
                return Version <= 2 ? AddressSize : OffsetSize;
            case DwarfForm.StringPointer:
            case DwarfForm.LineStringPointer:
            case DwarfForm.StringPointerSupplementary:
            case DwarfForm.SectionOffset:
            case DwarfForm.GnuReferenceAlternate:
            case DwarfForm.GnuStringPointerAlternate:
                return OffsetSize;
            default:
                return Variable;
        }
    }
}
