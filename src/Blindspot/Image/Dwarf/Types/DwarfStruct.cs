using System.Diagnostics.CodeAnalysis;

namespace Blindspot.Image.Dwarf.Types;

/// <summary>The layout of a structure, class or union. Immutable.</summary>
public sealed class DwarfStruct
{
    private readonly Dictionary<string, DwarfMember> _byName = new(StringComparer.Ordinal);

    internal DwarfStruct(string? name, long? byteSize, List<DwarfMember> members)
    {
        Name = name;
        ByteSize = byteSize;
        Members = members;
        foreach (DwarfMember member in members)
        {
            _byName.TryAdd(member.Name, member);
        }
    }

    public string? Name { get; }

    /// <summary>Null where it is not told.</summary>
    public long? ByteSize { get; }

    /// <summary>In the order of the declaration; base classes have their names.</summary>
    public IReadOnlyList<DwarfMember> Members { get; }

    public bool TryGetMember(string name, [NotNullWhen(true)] out DwarfMember? member) => _byName.TryGetValue(name, out member);
}
