using Blindspot.Image.Dwarf.Units;

namespace Blindspot.Image.Dwarf.Functions;

/// <summary>Names of functions by their entries, each found once. Not thread-safe.</summary>
internal sealed class FunctionNames(int maxNesting)
{
    private const string Separator = "::";

    private readonly Dictionary<(DwarfUnit Unit, int Entry), string?> _names = [];

    /// <summary>
    /// The name as the linker knows it, wherever on the way from this entry to its origin and its declaration it stands;
    /// else the name in the source, with its namespaces and classes. Null where it has none that we can reach.
    /// </summary>
    public string? NameOf(DwarfUnit unit, int entry)
    {
        if (!_names.TryGetValue((unit, entry), out string? name))
        {
            name = Find(unit, entry);
            _names.Add((unit, entry), name);
        }

        return name;
    }

    private string? Find(DwarfUnit unit, int entry)
    {
        int language = unit.Root.Language;
        DwarfUnit? namedUnit = null;
        int namedEntry = 0;
        string? plain = null;
        for (int step = 0; step < maxNesting; step++)
        {
            EntryCursor cursor = unit.EntriesFrom(entry);
            if (!cursor.MoveNext())
            {
                break;
            }

            AttributeValue next = default;
            while (cursor.TryReadAttribute(out AttributeValue value))
            {
                switch (value.Name)
                {
                    case DwarfAttribute.LinkageName or DwarfAttribute.MipsLinkageName:
                        if (unit.AsText(value) is { } linkage)
                        {
                            return linkage;
                        }

                        break;
                    case DwarfAttribute.Name when plain is null:
                        plain = unit.AsText(value);
                        namedUnit = unit;
                        namedEntry = entry;
                        break;
                    case DwarfAttribute.AbstractOrigin or DwarfAttribute.Specification:
                        next = value;
                        break;
                }
            }

            if (!next.IsPresent || !unit.TryFollow(next, out DwarfUnit? following, out int at))
            {
                // The declaration, if there was one, is where namespaces and classes are told.
                namedUnit = unit;
                namedEntry = entry;
                break;
            }

            unit = following;
            entry = at;
        }

        return plain is null || namedUnit is null || !HasScopes(language) ? plain : Qualify(namedUnit, namedEntry, plain);
    }

    /// <summary>C and its kin have no scopes to name; Go writes them into the name.</summary>
    private static bool HasScopes(int language) => language is not (
        0x01 or 0x02 or 0x0c or 0x1d or 0x2c // C89, C, C99, C11, C17
        or 0x16 // Go
        or 0x8001); // assembly

    /// <summary>Goes from the unit's first entry down to the entry, and names what lies on the way.</summary>
    private string Qualify(DwarfUnit unit, int entry, string name)
    {
        var scopes = new List<(int Depth, string Name)>();
        EntryCursor cursor = unit.Entries();
        while (cursor.MoveNext() && cursor.Offset < entry)
        {
            while (scopes.Count > 0 && scopes[^1].Depth >= cursor.Depth)
            {
                scopes.RemoveAt(scopes.Count - 1);
            }

            if (cursor.HasChildren && IsScope(cursor.Tag) && scopes.Count < maxNesting && ReadScopeName(unit, ref cursor) is { } scope)
            {
                scopes.Add((cursor.Depth, scope));
            }
        }

        if (cursor.Offset != entry)
        {
            return name;
        }

        while (scopes.Count > 0 && scopes[^1].Depth >= cursor.Depth)
        {
            scopes.RemoveAt(scopes.Count - 1);
        }

        if (scopes.Count == 0)
        {
            return name;
        }

        return string.Join(Separator, scopes.ConvertAll(scope => scope.Name)) + Separator + name;
    }

    private static bool IsScope(DwarfTag tag) => tag is
        DwarfTag.Namespace or DwarfTag.ClassType or DwarfTag.StructureType or DwarfTag.UnionType or
        DwarfTag.InterfaceType or DwarfTag.EnumerationType or DwarfTag.Subprogram;

    private static string? ReadScopeName(DwarfUnit unit, ref EntryCursor cursor)
    {
        string? name = null;
        while (cursor.TryReadAttribute(out AttributeValue value))
        {
            if (value.Name == DwarfAttribute.Name)
            {
                name = unit.AsText(value);
            }
        }

        return name ?? cursor.Tag switch
        {
            DwarfTag.Namespace => "(anonymous namespace)",
            DwarfTag.Subprogram => null,
            _ => "(anonymous)",
        };
    }
}
