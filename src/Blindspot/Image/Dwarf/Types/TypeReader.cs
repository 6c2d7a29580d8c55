using Blindspot.Image.Dwarf.Units;

namespace Blindspot.Image.Dwarf.Types;

/// <summary>Reads layouts from type entries. Malformed data throws.</summary>
internal sealed class TypeReader(int maxNesting)
{
    /// <summary>Members of one structure.</summary>
    private const int MaxMembers = 100_000;

    /// <summary>Null where the entry is no structure, or only declares one.</summary>
    public DwarfStruct? ReadStruct(DwarfUnit unit, int entry)
    {
        if (Strip(unit, entry) is not { } stripped || !IsStruct(stripped.Shape.Tag) || stripped.Shape.IsDeclaration)
        {
            return null;
        }

        unit = stripped.Unit;
        var members = new List<DwarfMember>();
        EntryCursor cursor = unit.EntriesFrom(stripped.Entry);
        cursor.MoveNext();
        while (cursor.MoveNext())
        {
            if (cursor.Tag is DwarfTag.Member or DwarfTag.Inheritance)
            {
                if (members.Count < MaxMembers && ReadMember(unit, ref cursor) is { } member)
                {
                    members.Add(member);
                }
            }
            else
            {
                cursor.SkipChildren();
            }
        }

        return new DwarfStruct(stripped.Name, stripped.Shape.ByteSize, members);
    }

    /// <summary>Null for a static member, which has no place in the structure.</summary>
    private DwarfMember? ReadMember(DwarfUnit unit, ref EntryCursor cursor)
    {
        string name = "";
        long? offset = null;
        bool isDeclaration = false;
        int? bitSize = null;
        AttributeValue type = default;
        while (cursor.TryReadAttribute(out AttributeValue value))
        {
            switch (value.Name)
            {
                case DwarfAttribute.Name:
                    name = unit.AsText(value) ?? "";
                    break;
                case DwarfAttribute.DataMemberLocation:
                    offset = value.Constant ?? ReadLocation(unit, value);
                    break;
                case DwarfAttribute.DataBitOffset:
                    offset ??= value.Constant / 8;
                    break;
                case DwarfAttribute.BitSize:
                    bitSize = (int?)value.Constant;
                    break;
                case DwarfAttribute.Declaration:
                    isDeclaration = value.Flag;
                    break;
                case DwarfAttribute.Type:
                    type = value;
                    break;
            }
        }

        if (isDeclaration)
        {
            return null;
        }

        // A union's members may leave out their place, which is 0 (DWARF 5, section 5.7.6).
        return Describe(unit, type, name, offset ?? 0, bitSize);
    }

    private DwarfMember Describe(DwarfUnit unit, in AttributeValue type, string name, long offset, int? bitSize)
    {
        Stripped? found = unit.TryFollow(type, out DwarfUnit? typeUnit, out int typeEntry) ? Strip(typeUnit, typeEntry) : null;
        if (found is not { } stripped)
        {
            return new DwarfMember { Name = name, Offset = offset, ByteSize = null, BitSize = bitSize, TypeName = null, Kind = DwarfTypeKind.Scalar };
        }

        TypeShape shape = stripped.Shape;
        switch (shape.Tag)
        {
            case DwarfTag.ArrayType:
                Stripped? element = Follow(stripped);
                long? count = CountElements(stripped);
                long? size = element is null ? null : SizeOf(element);
                long? total = shape.ByteSize ?? (size is long one && count is long times && one >= 0 && times >= 0 && (one == 0 || times <= long.MaxValue / one) ? one * times : null);
                return new DwarfMember
                {
                    Name = name,
                    Offset = offset,
                    ByteSize = total,
                    BitSize = bitSize,
                    TypeName = stripped.Name ?? (element?.Name is { } elementName ? elementName + "[]" : null),
                    Kind = DwarfTypeKind.Array,
                    ElementCount = count,
                    ElementSize = size,
                    Structure = StructureOf(element),
                };
            case DwarfTag.PointerType or DwarfTag.ReferenceType:
                Stripped? target = Follow(stripped);
                return new DwarfMember
                {
                    Name = name,
                    Offset = offset,
                    ByteSize = shape.ByteSize ?? stripped.Unit.Header.Encoding.AddressSize,
                    BitSize = bitSize,
                    TypeName = stripped.Name ?? (target?.Name is { } targetName ? targetName + "*" : null),
                    Kind = DwarfTypeKind.Pointer,
                    Structure = StructureOf(target),
                };
            default:
                return new DwarfMember
                {
                    Name = name,
                    Offset = offset,
                    ByteSize = shape.ByteSize,
                    BitSize = bitSize,
                    TypeName = stripped.Name,
                    Kind = IsStruct(shape.Tag) ? DwarfTypeKind.Struct : DwarfTypeKind.Scalar,
                    Structure = StructureOf(stripped),
                };
        }
    }

    private static bool IsStruct(DwarfTag tag) => tag is DwarfTag.StructureType or DwarfTag.ClassType or DwarfTag.UnionType;

    private static (DwarfUnit, int)? StructureOf(Stripped? type) =>
        type is { } known && IsStruct(known.Shape.Tag) ? (known.Unit, known.Entry) : null;

    private static long? SizeOf(Stripped? type) => type is { } known
        ? known.Shape.ByteSize ?? (known.Shape.Tag is DwarfTag.PointerType or DwarfTag.ReferenceType ? known.Unit.Header.Encoding.AddressSize : null)
        : null;

    private Stripped? Follow(in Stripped type) =>
        type.Unit.TryFollow(type.Shape.Type, out DwarfUnit? unit, out int entry) ? Strip(unit, entry) : null;

    /// <summary>The type behind typedefs and qualifiers, with the first name on the way. Null where the way does not end.</summary>
    private Stripped? Strip(DwarfUnit unit, int entry)
    {
        string? name = null;
        for (int step = 0; step < maxNesting; step++)
        {
            TypeShape shape = ReadShape(unit, entry);
            name ??= unit.AsText(shape.Name);
            if (shape.Tag is not (DwarfTag.Typedef or DwarfTag.ConstType or DwarfTag.VolatileType or DwarfTag.RestrictType or DwarfTag.AtomicType))
            {
                return new Stripped(unit, entry, shape, name);
            }

            if (!unit.TryFollow(shape.Type, out DwarfUnit? next, out int at))
            {
                return null;
            }

            unit = next;
            entry = at;
        }

        return null;
    }

    private static TypeShape ReadShape(DwarfUnit unit, int entry)
    {
        EntryCursor cursor = unit.EntriesFrom(entry);
        if (!cursor.MoveNext())
        {
            return default;
        }

        var shape = new TypeShape { Tag = cursor.Tag };
        while (cursor.TryReadAttribute(out AttributeValue value))
        {
            shape = value.Name switch
            {
                DwarfAttribute.Name => shape with { Name = value },
                DwarfAttribute.Type => shape with { Type = value },
                DwarfAttribute.ByteSize => shape with { ByteSize = value.Constant },
                DwarfAttribute.Declaration => shape with { IsDeclaration = value.Flag },
                _ => shape,
            };
        }

        return shape;
    }

    /// <summary>Null where a dimension does not tell its size (a flexible array).</summary>
    private static long? CountElements(in Stripped array)
    {
        long? count = null;
        EntryCursor cursor = array.Unit.EntriesFrom(array.Entry);
        cursor.MoveNext();
        while (cursor.MoveNext())
        {
            if (cursor.Tag != DwarfTag.SubrangeType)
            {
                continue;
            }

            long? dimension = null;
            while (cursor.TryReadAttribute(out AttributeValue value))
            {
                if (value.Name == DwarfAttribute.Count)
                {
                    dimension = value.Constant;
                }
                else if (value.Name == DwarfAttribute.UpperBound)
                {
                    dimension ??= value.Constant + 1;
                }
            }

            if (dimension is not >= 0 || (count > 0 && dimension > long.MaxValue / count))
            {
                return null;
            }

            count = (count ?? 1) * dimension;
        }

        return count;
    }

    /// <summary>Version 2 wrote a member's place as an expression: DW_OP_plus_uconst, rarely a constant (DWARF 2, section 5.5.4).</summary>
    private static long? ReadLocation(DwarfUnit unit, in AttributeValue value)
    {
        ReadOnlySpan<byte> block = unit.AsBlock(value);
        if (block.IsEmpty)
        {
            return null;
        }

        var reader = new Primitives.ByteReader(block, "DW_AT_data_member_location");
        return reader.ReadByte() is 0x23 or 0x10 ? (long)reader.ReadUleb128() : null;
    }

    private readonly record struct TypeShape(DwarfTag Tag, AttributeValue Name, AttributeValue Type, long? ByteSize, bool IsDeclaration);

    private readonly record struct Stripped(DwarfUnit Unit, int Entry, TypeShape Shape, string? Name);
}
