using Blindspot.Image.Dwarf.Units;

namespace Blindspot.Image.Dwarf.Types;

/// <summary>
/// The types, variables and constants that stand right below a unit's first entry, by a hash of their names: the names
/// themselves stay in the file. Immutable.
/// </summary>
internal sealed class UnitNames
{
    private readonly uint[] _hashes;
    private readonly int[] _entries;

    private UnitNames(uint[] hashes, int[] entries)
    {
        _hashes = hashes;
        _entries = entries;
    }

    public static UnitNames Read(DwarfUnit unit)
    {
        var hashes = new List<uint>();
        var entries = new List<int>();
        EntryCursor cursor = unit.Entries();
        while (cursor.MoveNext())
        {
            // Enumerators are known by name outside of their type, as in C.
            if (cursor.Depth == 0 || (cursor.Tag == DwarfTag.EnumerationType && cursor.Depth == 1))
            {
                continue;
            }

            if (IsNamed(cursor.Tag, cursor.Depth))
            {
                uint hash = 0;
                bool isDeclaration = false;
                while (cursor.TryReadAttribute(out AttributeValue value))
                {
                    if (value.Name == DwarfAttribute.Name)
                    {
                        hash = Hash(unit.AsString(value));
                    }
                    else if (value.Name == DwarfAttribute.Declaration)
                    {
                        isDeclaration = value.Flag;
                    }
                }

                if (hash != 0 && !isDeclaration)
                {
                    hashes.Add(hash);
                    entries.Add(cursor.Offset);
                }
            }

            if (cursor.Depth == 1)
            {
                cursor.SkipChildren();
            }
        }

        uint[] sorted = [.. hashes];
        int[] offsets = [.. entries];
        Array.Sort(sorted, offsets);
        return new UnitNames(sorted, offsets);
    }

    /// <summary>The entries whose names may be the one hashed; their names are to be compared.</summary>
    public ReadOnlySpan<int> Candidates(uint hash)
    {
        int at = Array.BinarySearch(_hashes, hash);
        if (at < 0)
        {
            return default;
        }

        int first = at;
        while (first > 0 && _hashes[first - 1] == hash)
        {
            first--;
        }

        int last = at + 1;
        while (last < _hashes.Length && _hashes[last] == hash)
        {
            last++;
        }

        return _entries.AsSpan(first, last - first);
    }

    /// <summary>FNV-1a; never 0, which stands for no name.</summary>
    public static uint Hash(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return 0;
        }

        uint hash = 2166136261;
        foreach (byte next in name)
        {
            hash = unchecked((hash ^ next) * 16777619);
        }

        return Math.Max(hash, 1);
    }

    private static bool IsNamed(DwarfTag tag, int depth) => tag switch
    {
        DwarfTag.StructureType or DwarfTag.ClassType or DwarfTag.UnionType or DwarfTag.Typedef or
        DwarfTag.Variable or DwarfTag.Constant => depth == 1,
        DwarfTag.Enumerator => depth == 2,
        _ => false,
    };
}
