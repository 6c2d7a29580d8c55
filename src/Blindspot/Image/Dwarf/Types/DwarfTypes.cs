using System.Diagnostics.CodeAnalysis;
using System.Text;
using Blindspot.Image.Dwarf.Units;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Types;

/// <summary>
/// Types, variables and constants of one image by name, as they stand right below a unit ("runtime.g", "_IO_FILE"; not
/// those inside C++ namespaces). Units are looked at one after another, those whose name the wanted one begins with (Go's
/// packages) first, and each only once. Thread-safe; damaged units are left out.
/// </summary>
public sealed class DwarfTypes
{
    private readonly DwarfFile _file;
    private readonly Lock _gate;
    private readonly TypeReader _reader;
    private readonly UnitNames?[] _names;
    private readonly bool[] _isDamaged;
    private readonly Dictionary<string, DwarfStruct> _structs = new(StringComparer.Ordinal);
    private Dictionary<string, List<int>>? _unitsByName;

    internal DwarfTypes(DwarfFile file, Lock gate)
    {
        _file = file;
        _gate = gate;
        _reader = new TypeReader(file.Limits.MaxNesting);
        _names = new UnitNames?[file.UnitCount];
        _isDamaged = new bool[file.UnitCount];
    }

    /// <summary>Finds a structure, class or union, or a typedef of one.</summary>
    public bool TryFindStruct(string name, [NotNullWhen(true)] out DwarfStruct? type)
    {
        lock (_gate)
        {
            if (_structs.TryGetValue(name, out type))
            {
                return true;
            }

            type = Find(name, ReadStruct);
            if (type is not null)
            {
                _structs.Add(name, type);
            }

            return type is not null;
        }
    }

    /// <summary>The structure that a member is, that its elements are, or that it points to; false where that is none.</summary>
    public bool TryOpen(DwarfMember member, [NotNullWhen(true)] out DwarfStruct? type)
    {
        lock (_gate)
        {
            type = null;
            if (member.Structure is not { } structure)
            {
                return false;
            }

            try
            {
                type = _reader.ReadStruct(structure.Unit, structure.Entry);
            }
            catch (MalformedDataException)
            {
                return false;
            }

            return type is not null;
        }
    }

    /// <summary>Where a global variable lies; false where it is not known, optimized away or thread-local.</summary>
    public bool TryFindVariable(string name, out ImageOffset address)
    {
        lock (_gate)
        {
            ImageOffset? found = Find(name, ReadAddress)?.Value;
            address = found ?? default;
            return found is not null;
        }
    }

    /// <summary>The value of a constant or an enumerator.</summary>
    public bool TryFindConstant(string name, out long value)
    {
        lock (_gate)
        {
            long? found = Find(name, ReadConstant)?.Value;
            value = found ?? 0;
            return found is not null;
        }
    }

    private T? Find<T>(string name, Func<DwarfUnit, int, T?> read)
        where T : class
    {
        byte[] wanted = Encoding.UTF8.GetBytes(name);
        uint hash = UnitNames.Hash(wanted);
        _unitsByName ??= NameUnits();
        int dot = name.LastIndexOf('.');
        List<int>? preferred = null;
        if (dot > 0 && _unitsByName.TryGetValue(name[..dot], out preferred))
        {
            foreach (int unit in preferred)
            {
                if (FindIn(unit, wanted, hash, read) is { } found)
                {
                    return found;
                }
            }
        }

        for (int unit = 0; unit < _file.UnitCount; unit++)
        {
            if (preferred?.Contains(unit) != true && FindIn(unit, wanted, hash, read) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private T? FindIn<T>(int index, ReadOnlySpan<byte> wanted, uint hash, Func<DwarfUnit, int, T?> read)
        where T : class
    {
        if (_isDamaged[index])
        {
            return null;
        }

        try
        {
            DwarfUnit unit = _file.UnitAt(index);
            foreach (int entry in (_names[index] ??= UnitNames.Read(unit)).Candidates(hash))
            {
                if (HasName(unit, entry, wanted) && read(unit, entry) is { } found)
                {
                    return found;
                }
            }
        }
        catch (MalformedDataException)
        {
            _isDamaged[index] = true;
        }

        return null;
    }

    private Dictionary<string, List<int>> NameUnits()
    {
        var units = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        for (int i = 0; i < _file.UnitCount; i++)
        {
            try
            {
                if (_file.UnitAt(i).Name is { } name)
                {
                    if (!units.TryGetValue(name, out List<int>? named))
                    {
                        units.Add(name, named = []);
                    }

                    named.Add(i);
                }
            }
            catch (MalformedDataException)
            {
                _isDamaged[i] = true;
            }
        }

        return units;
    }

    private static bool HasName(DwarfUnit unit, int entry, ReadOnlySpan<byte> wanted)
    {
        EntryCursor cursor = unit.EntriesFrom(entry);
        cursor.MoveNext();
        while (cursor.TryReadAttribute(out AttributeValue value))
        {
            if (value.Name == DwarfAttribute.Name)
            {
                return unit.AsString(value).SequenceEqual(wanted);
            }
        }

        return false;
    }

    private DwarfStruct? ReadStruct(DwarfUnit unit, int entry) => _reader.ReadStruct(unit, entry);

    private static Boxed<ImageOffset>? ReadAddress(DwarfUnit unit, int entry)
    {
        EntryCursor cursor = unit.EntriesFrom(entry);
        cursor.MoveNext();
        while (cursor.Tag == DwarfTag.Variable && cursor.TryReadAttribute(out AttributeValue value))
        {
            ReadOnlySpan<byte> block = value.Name == DwarfAttribute.Location ? unit.AsBlock(value) : default;
            if (block.IsEmpty)
            {
                continue;
            }

            // One operation and nothing behind it: with more it is thread-local or only a part.
            var reader = new ByteReader(block, "DW_AT_location");
            ulong? address = reader.ReadByte() switch
            {
                0x03 => reader.ReadUnsigned(unit.Header.Encoding.AddressSize), // DW_OP_addr
                0xa1 or 0xfb => unit.ReadIndexedAddress(reader.ReadUleb128()), // DW_OP_addrx, DW_OP_GNU_addr_index
                _ => null,
            };
            return address is ulong known && reader.AtEnd ? new Boxed<ImageOffset>(new ImageOffset(known)) : null;
        }

        return null;
    }

    private static Boxed<long>? ReadConstant(DwarfUnit unit, int entry)
    {
        EntryCursor cursor = unit.EntriesFrom(entry);
        cursor.MoveNext();
        while (cursor.Tag is DwarfTag.Constant or DwarfTag.Enumerator && cursor.TryReadAttribute(out AttributeValue value))
        {
            if (value.Name == DwarfAttribute.ConstValue && value.Constant is long constant)
            {
                return new Boxed<long>(constant);
            }
        }

        return null;
    }

    private sealed record Boxed<T>(T Value);
}
