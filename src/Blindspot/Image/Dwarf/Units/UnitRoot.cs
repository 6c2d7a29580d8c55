namespace Blindspot.Image.Dwarf.Units;

/// <summary>What a unit's first entry tells. Attributes it lacks are not present.</summary>
internal sealed class UnitRoot
{
    public DwarfTag Tag { get; private set; }

    public AttributeValue Name { get; private set; }

    public AttributeValue CompilationDirectory { get; private set; }

    public AttributeValue StatementList { get; private set; }

    public AttributeValue LowPc { get; private set; }

    public AttributeValue HighPc { get; private set; }

    public AttributeValue Ranges { get; private set; }

    /// <summary>DW_LANG_*; 0 where it does not say.</summary>
    public int Language { get; private set; }

    /// <summary>Its entries are in another file (.dwo), which it names.</summary>
    public bool NamesOtherFile { get; private set; }

    public ulong? StringOffsetsBase { get; private set; }

    public ulong? AddressBase { get; private set; }

    public ulong? RangeListsBase { get; private set; }

    public static UnitRoot Read(ref EntryCursor cursor)
    {
        var root = new UnitRoot();
        if (!cursor.MoveNext())
        {
            return root;
        }

        root.Tag = cursor.Tag;
        while (cursor.TryReadAttribute(out AttributeValue value))
        {
            root.Take(value);
        }

        return root;
    }

    private void Take(in AttributeValue value)
    {
        switch (value.Name)
        {
            case DwarfAttribute.Name:
                Name = value;
                break;
            case DwarfAttribute.CompilationDirectory:
                CompilationDirectory = value;
                break;
            case DwarfAttribute.StatementList:
                StatementList = value;
                break;
            case DwarfAttribute.LowPc:
                LowPc = value;
                break;
            case DwarfAttribute.HighPc:
                HighPc = value;
                break;
            case DwarfAttribute.Ranges:
                Ranges = value;
                break;
            case DwarfAttribute.Language:
                Language = (int)(value.Constant ?? 0);
                break;
            case DwarfAttribute.DwoName or DwarfAttribute.GnuDwoName:
                NamesOtherFile = true;
                break;
            case DwarfAttribute.StringOffsetsBase:
                StringOffsetsBase = value.SectionOffset;
                break;
            case DwarfAttribute.AddressBase or DwarfAttribute.GnuAddressBase:
                AddressBase = value.SectionOffset;
                break;
            case DwarfAttribute.RangeListsBase:
                RangeListsBase = value.SectionOffset;
                break;
        }
    }
}
