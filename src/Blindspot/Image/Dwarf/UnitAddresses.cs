using Blindspot.Image.Dwarf.Lines;
using Blindspot.Image.Dwarf.Units;
using Blindspot.Primitives;

namespace Blindspot.Image.Dwarf;

/// <summary>Which units have code where: from .debug_aranges for the units it lists, from the units themselves for the others.</summary>
internal static class UnitAddresses
{
    public static RangeIndex Index(DwarfFile file, Func<DwarfUnit, LineTable?> lines, Action<MalformedDataException> onProblem)
    {
        var entries = new List<RangeIndex.Entry>();
        var isListed = new bool[file.UnitCount];
        try
        {
            ReadTable(file, isListed, entries);
        }
        catch (MalformedDataException malformed)
        {
            onProblem(malformed);
            entries.Clear();
            Array.Clear(isListed);
        }

        var ranges = new List<AddressRange>();
        for (int i = 0; i < isListed.Length; i++)
        {
            if (isListed[i] || file.HeaderOf(i).Kind is UnitHeader.Type or UnitHeader.Partial or UnitHeader.SplitType)
            {
                continue;
            }

            try
            {
                ranges.Clear();
                ReadUnit(file.UnitAt(i), lines, ranges);
                foreach (AddressRange range in ranges)
                {
                    entries.Add(new RangeIndex.Entry(range.Low, range.High, i));
                }
            }
            catch (MalformedDataException malformed)
            {
                onProblem(malformed);
            }
        }

        return RangeIndex.Build(entries);
    }

    /// <summary>.debug_aranges (DWARF 5, section 6.1.2): per unit a header, then pairs of address and length from an aligned place on.</summary>
    private static void ReadTable(DwarfFile file, bool[] isListed, List<RangeIndex.Entry> entries)
    {
        ReadOnlySpan<byte> section = file.Sections.AddressRanges.Span;
        for (int offset = 0; offset < section.Length;)
        {
            var reader = new ByteReader(section, ".debug_aranges", offset);
            ulong length = reader.ReadUInt32();
            bool is64Bit = length == uint.MaxValue;
            if (is64Bit)
            {
                length = reader.ReadUInt64();
            }

            if (length > (ulong)reader.Remaining)
            {
                reader.ThrowMalformed("a unit's table reaches past the end of the section");
            }

            int end = (int)reader.Position + (int)length;
            reader = new ByteReader(section[..end], ".debug_aranges", reader.Position);
            reader.ReadUInt16(); // version 2 in all versions of DWARF
            int unit = file.FindUnit(reader.ReadOffset(is64Bit));
            byte addressSize = reader.ReadByte();
            byte selectorSize = reader.ReadByte();
            if (addressSize is not (4 or 8) || selectorSize != 0)
            {
                reader.ThrowMalformed($"addresses of {addressSize} bytes, selectors of {selectorSize}");
            }

            int tuple = 2 * addressSize;
            int misaligned = (int)((reader.Position - offset) % tuple);
            reader.Skip(misaligned == 0 ? 0 : tuple - misaligned);
            bool hasRanges = false;
            while (reader.Remaining >= tuple)
            {
                ulong low = reader.ReadUnsigned(addressSize);
                ulong size = reader.ReadUnsigned(addressSize);
                var range = new AddressRange(low, unchecked(low + size));
                if (unit >= 0 && range.IsLive)
                {
                    entries.Add(new RangeIndex.Entry(range.Low, range.High, unit));
                    hasRanges = true;
                }
            }

            if (hasRanges)
            {
                isListed[unit] = true;
            }

            offset = end;
        }
    }

    private static void ReadUnit(DwarfUnit unit, Func<DwarfUnit, LineTable?> lines, List<AddressRange> ranges)
    {
        UnitRoot root = unit.Root;
        if (root.Tag is not (DwarfTag.CompileUnit or DwarfTag.SkeletonUnit))
        {
            return;
        }

        var where = default(EntryRanges);
        where.Offer(root.LowPc);
        where.Offer(root.HighPc);
        where.Offer(root.Ranges);
        where.Resolve(unit, ranges);
        if (ranges.Count == 0 && !root.Ranges.IsPresent && !root.HighPc.IsPresent && lines(unit) is { } table)
        {
            foreach (LineSequence sequence in table.Sequences)
            {
                ranges.Add(new AddressRange(sequence.Start, sequence.End));
            }
        }
    }
}
