using Blindspot.Image.Dwarf.Units;

namespace Blindspot.Image.Dwarf.Functions;

/// <summary>The functions of one unit that have code, by address. Not thread-safe.</summary>
internal sealed class FunctionTable
{
    private readonly DwarfUnit _unit;
    private readonly RangeIndex _functions;
    private readonly Dictionary<int, InlinedCalls> _inlined = [];

    private FunctionTable(DwarfUnit unit, RangeIndex functions)
    {
        _unit = unit;
        _functions = functions;
    }

    public static FunctionTable Read(DwarfUnit unit)
    {
        var entries = new List<RangeIndex.Entry>();
        var ranges = new List<AddressRange>();
        EntryCursor cursor = unit.Entries();
        while (cursor.MoveNext())
        {
            if (cursor.Tag != DwarfTag.Subprogram || !cursor.HasCode)
            {
                continue;
            }

            var where = default(EntryRanges);
            while (cursor.TryReadAttribute(out AttributeValue value))
            {
                where.Offer(value);
            }

            ranges.Clear();
            where.Resolve(unit, ranges);
            foreach (AddressRange range in ranges)
            {
                entries.Add(new RangeIndex.Entry(range.Low, range.High, cursor.Offset));
            }
        }

        return new FunctionTable(unit, RangeIndex.Build(entries));
    }

    /// <summary>The innermost function that covers <paramref name="pc"/>, as its entry's offset; false for none.</summary>
    public bool TryFind(ulong pc, out int function)
    {
        int position = -1;
        bool found = _functions.TryFindNext(pc, ref position, out RangeIndex.Entry entry);
        function = entry.Value;
        return found;
    }

    /// <summary>What was inlined into the function whose entry is at <paramref name="function"/>; read when first asked for.</summary>
    public InlinedCalls InlinedInto(int function)
    {
        if (!_inlined.TryGetValue(function, out InlinedCalls? calls))
        {
            calls = InlinedCalls.Read(_unit, function);
            _inlined.Add(function, calls);
        }

        return calls;
    }
}
