using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf.Units;

/// <summary>Where an entry's code is: DW_AT_low_pc with DW_AT_high_pc, or the list that DW_AT_ranges names (DWARF 5, section 2.17).</summary>
internal struct EntryRanges
{
    /// <summary>Ranges in one list; the largest known programs have some thousands in a unit.</summary>
    private const int MaxRanges = 1_000_000;

    private AttributeValue _low;
    private AttributeValue _high;
    private AttributeValue _ranges;

    /// <summary>Takes note of an attribute if it is one of the three.</summary>
    public void Offer(in AttributeValue value)
    {
        switch (value.Name)
        {
            case DwarfAttribute.LowPc:
                _low = value;
                break;
            case DwarfAttribute.HighPc:
                _high = value;
                break;
            case DwarfAttribute.Ranges:
                _ranges = value;
                break;
        }
    }

    /// <summary>Adds the live ranges.</summary>
    public readonly void Resolve(DwarfUnit unit, List<AddressRange> into)
    {
        if (_ranges.IsPresent)
        {
            ResolveList(unit, into);
        }
        else if (unit.AsAddress(_low) is ulong low)
        {
            // A constant is a length; versions before 4 have an address only.
            ulong high = unit.AsAddress(_high) ?? unchecked(low + (ulong)(_high.Constant ?? 0));
            Add(unit, new AddressRange(low, high), into);
        }
    }

    private readonly void ResolveList(DwarfUnit unit, List<AddressRange> into)
    {
        if (unit.Header.Encoding.Version < 5)
        {
            if (_ranges.SectionOffset is ulong offset)
            {
                ReadOldList(unit, offset, into);
            }
        }
        else if (_ranges.Form == DwarfForm.RangeListIndex)
        {
            ReadList(unit, unit.ReadRangeListOffset(_ranges.Value), into);
        }
        else if (_ranges.SectionOffset is ulong offset)
        {
            ReadList(unit, offset, into);
        }
    }

    /// <summary>.debug_ranges (DWARF 4, section 7.24).</summary>
    private static void ReadOldList(DwarfUnit unit, ulong offset, List<AddressRange> into)
    {
        int size = unit.Header.Encoding.AddressSize;
        ulong newBase = size == 8 ? ulong.MaxValue : uint.MaxValue;
        ulong start = unit.BaseAddress;
        var reader = new ByteReader(unit.File.Sections.Ranges.Span, ".debug_ranges", (long)Math.Min(offset, long.MaxValue));
        for (int count = 0; ; count++)
        {
            ulong low = reader.ReadUnsigned(size);
            ulong high = reader.ReadUnsigned(size);
            if (low == 0 && high == 0)
            {
                return;
            }

            if (count >= MaxRanges)
            {
                reader.ThrowMalformed("a list of ranges is too long");
            }

            if (low == newBase)
            {
                start = high;
            }
            else if (low < high)
            {
                Add(unit, new AddressRange(unchecked(start + low), unchecked(start + high)), into);
            }
        }
    }

    /// <summary>.debug_rnglists (DWARF 5, section 7.25).</summary>
    private static void ReadList(DwarfUnit unit, ulong offset, List<AddressRange> into)
    {
        int size = unit.Header.Encoding.AddressSize;
        ulong start = unit.BaseAddress;
        var reader = new ByteReader(unit.File.Sections.RangeLists.Span, ".debug_rnglists", (long)Math.Min(offset, long.MaxValue));
        for (int count = 0; count < MaxRanges; count++)
        {
            ulong low;
            ulong high;
            byte kind = reader.ReadByte();
            switch (kind)
            {
                case 0: // DW_RLE_end_of_list
                    return;
                case 1: // DW_RLE_base_addressx
                    start = unit.ReadIndexedAddress(reader.ReadUleb128());
                    continue;
                case 2: // DW_RLE_startx_endx
                    low = unit.ReadIndexedAddress(reader.ReadUleb128());
                    high = unit.ReadIndexedAddress(reader.ReadUleb128());
                    break;
                case 3: // DW_RLE_startx_length
                    low = unit.ReadIndexedAddress(reader.ReadUleb128());
                    high = unchecked(low + reader.ReadUleb128());
                    break;
                case 4: // DW_RLE_offset_pair
                    low = unchecked(start + reader.ReadUleb128());
                    high = unchecked(start + reader.ReadUleb128());
                    if (start >= ulong.MaxValue - 1)
                    {
                        // The base itself is a tombstone.
                        continue;
                    }

                    break;
                case 5: // DW_RLE_base_address
                    start = reader.ReadUnsigned(size);
                    continue;
                case 6: // DW_RLE_start_end
                    low = reader.ReadUnsigned(size);
                    high = reader.ReadUnsigned(size);
                    break;
                case 7: // DW_RLE_start_length
                    low = reader.ReadUnsigned(size);
                    high = unchecked(low + reader.ReadUleb128());
                    break;
                default:
                    reader.ThrowMalformed($"range list entry {kind} is not known");
                    return;
            }

            Add(unit, new AddressRange(low, high), into);
        }

        reader.ThrowMalformed("a list of ranges is too long");
    }

    private static void Add(DwarfUnit unit, AddressRange range, List<AddressRange> into)
    {
        unit.File.SpendRange();
        if (range.IsLive)
        {
            into.Add(range);
        }
    }
}
