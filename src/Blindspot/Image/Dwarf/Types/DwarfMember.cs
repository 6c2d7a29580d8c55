using Blindspot.Image.Dwarf.Units;

namespace Blindspot.Image.Dwarf.Types;

/// <summary>A member of a structure.</summary>
public sealed class DwarfMember
{
    internal DwarfMember()
    {
    }

    /// <summary>Empty for one that has none (an anonymous union inside a structure).</summary>
    public required string Name { get; init; }

    /// <summary>Bytes from the start of the structure.</summary>
    public required long Offset { get; init; }

    /// <summary>Bytes of the whole member, all elements of an array; null where it is not told.</summary>
    public required long? ByteSize { get; init; }

    /// <summary>Bits of a bit field; null for an ordinary member.</summary>
    public int? BitSize { get; init; }

    /// <summary>As the debug information names it ("runtime.gobuf", "*runtime.m"); null where it has no name.</summary>
    public required string? TypeName { get; init; }

    /// <summary>What it is behind typedefs and qualifiers.</summary>
    public required DwarfTypeKind Kind { get; init; }

    /// <summary>Of an array: elements in all its dimensions together; null where it is no array or does not tell.</summary>
    public long? ElementCount { get; init; }

    /// <summary>Of an array: bytes of one element; null where it is no array or does not tell.</summary>
    public long? ElementSize { get; init; }

    /// <summary>Where the structure is told: the member's own type, an array's element, or what a pointer points to.</summary>
    internal (DwarfUnit Unit, int Entry)? Structure { get; init; }
}
