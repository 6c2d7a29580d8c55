namespace Blindspot.Image.Dwarf.Units;

/// <summary>Kinds of entries that we ask about (DWARF 5, section 7.5.3).</summary>
internal enum DwarfTag : ushort
{
    None = 0,
    ArrayType = 0x01,
    ClassType = 0x02,
    EnumerationType = 0x04,
    Member = 0x0d,
    PointerType = 0x0f,
    CompileUnit = 0x11,
    StructureType = 0x13,
    Typedef = 0x16,
    UnionType = 0x17,
    Inheritance = 0x1c,
    InlinedSubroutine = 0x1d,
    SubrangeType = 0x21,
    BaseType = 0x24,
    ConstType = 0x26,
    Constant = 0x27,
    Enumerator = 0x28,
    Subprogram = 0x2e,
    Variable = 0x34,
    VolatileType = 0x35,
    RestrictType = 0x37,
    InterfaceType = 0x38,
    Namespace = 0x39,
    PartialUnit = 0x3c,
    ReferenceType = 0x10,
    AtomicType = 0x47,
    SkeletonUnit = 0x4a,
}
