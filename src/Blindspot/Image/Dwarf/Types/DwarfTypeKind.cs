namespace Blindspot.Image.Dwarf.Types;

/// <summary>What a member is, as far as reading it from memory needs to know.</summary>
public enum DwarfTypeKind : byte
{
    /// <summary>A number, a boolean, a character, an enumeration; also what has no type we know.</summary>
    Scalar,

    Pointer,

    /// <summary>A structure, class or union.</summary>
    Struct,

    Array,
}
