using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Units;

/// <summary>The abbreviations that a unit's entries refer to by code. Immutable.</summary>
internal sealed class AbbreviationTable
{
    /// <summary>Compilers number from 1 on: codes up to here are found by index, whatever is above in a dictionary.</summary>
    private const int MaxDenseCode = 1 << 16;

    /// <summary>Attributes of one kind of entry; compilers stay far below. A form may take no bytes, so that the section's size is no bound on the work.</summary>
    private const int MaxAttributes = 256;

    private readonly Abbreviation[] _dense;
    private readonly Dictionary<ulong, Abbreviation>? _sparse;
    private readonly AttributeSpecification[] _specifications;

    private AbbreviationTable(Abbreviation[] dense, Dictionary<ulong, Abbreviation>? sparse, AttributeSpecification[] specifications)
    {
        _dense = dense;
        _sparse = sparse;
        _specifications = specifications;
    }

    /// <summary>How many attributes it lists in all, a measure of its size.</summary>
    public int SpecificationCount => _specifications.Length;

    /// <param name="section">.debug_abbrev.</param>
    /// <param name="offset">Where the table begins.</param>
    /// <param name="encoding">Of the units that use it.</param>
    /// <param name="scratch">Room to gather abbreviations and attributes in, cleared here.</param>
    public static AbbreviationTable Read(
        ReadOnlyMemory<byte> section,
        ulong offset,
        FormEncoding encoding,
        (List<Abbreviation> Dense, List<AttributeSpecification> Specifications) scratch)
    {
        (List<Abbreviation> dense, List<AttributeSpecification> specifications) = scratch;
        dense.Clear();
        specifications.Clear();
        var reader = new ByteReader(section.Span, ".debug_abbrev", (long)Math.Min(offset, long.MaxValue));
        Dictionary<ulong, Abbreviation>? sparse = null;
        while (true)
        {
            // The end of the section ends the last table: some producers leave out the final zero.
            ulong code = reader.AtEnd ? 0 : reader.ReadUleb128();
            if (code == 0)
            {
                break;
            }

            Abbreviation abbreviation = ReadOne(ref reader, specifications, encoding);
            if (code >= MaxDenseCode)
            {
                (sparse ??= [])[code] = abbreviation;
                continue;
            }

            while ((int)code >= dense.Count)
            {
                dense.Add(default);
            }

            dense[(int)code] = abbreviation;
        }

        return new AbbreviationTable([.. dense], sparse, [.. specifications]);
    }

    public bool TryFind(ulong code, out Abbreviation abbreviation)
    {
        if (code < (ulong)_dense.Length)
        {
            abbreviation = _dense[(int)code];
            return abbreviation.Tag != DwarfTag.None;
        }

        abbreviation = default;
        return _sparse is not null && _sparse.TryGetValue(code, out abbreviation);
    }

    public ReadOnlySpan<AttributeSpecification> SpecificationsOf(in Abbreviation abbreviation) =>
        _specifications.AsSpan(abbreviation.First, abbreviation.Count);

    private static Abbreviation ReadOne(ref ByteReader reader, List<AttributeSpecification> specifications, FormEncoding encoding)
    {
        ulong tag = reader.ReadUleb128();
        bool hasChildren = reader.ReadByte() != 0;
        if (tag is 0 or > ushort.MaxValue)
        {
            reader.ThrowMalformed($"tag 0x{tag:x}");
        }

        int first = specifications.Count;
        int size = 0;
        bool hasCode = false;
        while (true)
        {
            ulong name = reader.ReadUleb128();
            ulong form = reader.ReadUleb128();
            if (name == 0 && form == 0)
            {
                break;
            }

            if (name is 0 or > ushort.MaxValue || form is 0 or > ushort.MaxValue)
            {
                reader.ThrowMalformed($"attribute 0x{name:x} of form 0x{form:x}");
            }

            if (specifications.Count - first >= MaxAttributes)
            {
                reader.ThrowMalformed("an entry with too many attributes");
            }

            long constant = (DwarfForm)form == DwarfForm.ImplicitConstant ? reader.ReadSleb128() : 0;
            int bytes = encoding.SizeOf((DwarfForm)form);
            size = size < 0 || bytes < 0 ? FormEncoding.Variable : size + bytes;
            hasCode |= (DwarfAttribute)name is DwarfAttribute.LowPc or DwarfAttribute.Ranges;
            specifications.Add(new AttributeSpecification((DwarfAttribute)name, (DwarfForm)form, constant));
        }

        return new Abbreviation((DwarfTag)tag, hasChildren, hasCode, first, specifications.Count - first, size);
    }
}
