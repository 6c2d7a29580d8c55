namespace Blindspot.Image.Dwarf.Units;

/// <summary>What a unit's first entry tells. Attributes it lacks are not present.</summary>
internal sealed record UnitRoot
{
    public required DwarfTag Tag { get; init; }

    public required bool HasChildren { get; init; }

    public AttributeValue Name { get; init; }

    public AttributeValue CompilationDirectory { get; init; }

    public AttributeValue StatementList { get; init; }

    public AttributeValue LowPc { get; init; }

    public AttributeValue HighPc { get; init; }

    public AttributeValue Ranges { get; init; }

    /// <summary>DW_LANG_*; 0 where it does not say.</summary>
    public int Language { get; init; }

    /// <summary>Its entries are in another file (.dwo), which it names.</summary>
    public bool IsSkeleton { get; init; }

    public ulong? StringOffsetsBase { get; init; }

    public ulong? AddressBase { get; init; }

    public ulong? RangeListsBase { get; init; }
}
