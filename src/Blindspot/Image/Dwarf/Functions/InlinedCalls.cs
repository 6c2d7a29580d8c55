using Blindspot.Image.Dwarf.Units;

namespace Blindspot.Image.Dwarf.Functions;

/// <summary>The calls that were inlined into one function, at any depth, each before those inlined into it. Immutable.</summary>
internal sealed class InlinedCalls
{
    private readonly InlinedCall[] _calls;

    private InlinedCalls(InlinedCall[] calls) => _calls = calls;

    public static InlinedCalls Read(DwarfUnit unit, int function)
    {
        var calls = new List<InlinedCall>();
        var ranges = new List<AddressRange>();
        EntryCursor cursor = unit.EntriesFrom(function);
        while (cursor.MoveNext())
        {
            if (cursor.Depth == 0)
            {
                continue;
            }

            if (cursor.Tag == DwarfTag.Subprogram)
            {
                // A function of its own, though it is written inside this one.
                cursor.SkipChildren();
            }
            else if (cursor.Tag == DwarfTag.InlinedSubroutine)
            {
                Add(unit, ref cursor, ranges, calls);
            }
        }

        return new InlinedCalls([.. calls]);
    }

    /// <summary>The calls that cover <paramref name="pc"/>, the outermost first.</summary>
    public void Find(ulong pc, int maxNesting, List<InlinedCall> into)
    {
        into.Clear();
        foreach (InlinedCall call in _calls)
        {
            if (pc < call.Low || pc >= call.High)
            {
                continue;
            }

            // A call that covers the address and does not lie below the one before stands beside it: then the later one,
            // as the one that begins last, takes its place.
            while (into.Count > 0 && into[^1].Depth >= call.Depth)
            {
                into.RemoveAt(into.Count - 1);
            }

            if (into.Count < maxNesting)
            {
                into.Add(call);
            }
        }
    }

    private static void Add(DwarfUnit unit, ref EntryCursor cursor, List<AddressRange> ranges, List<InlinedCall> calls)
    {
        var where = default(EntryRanges);
        int file = -1;
        int line = 0;
        while (cursor.TryReadAttribute(out AttributeValue value))
        {
            where.Offer(value);
            if (value.Name == DwarfAttribute.CallFile)
            {
                file = (int)Math.Clamp(value.Constant ?? -1, -1, int.MaxValue);
            }
            else if (value.Name == DwarfAttribute.CallLine)
            {
                line = (int)Math.Clamp(value.Constant ?? 0, 0, int.MaxValue);
            }
        }

        ranges.Clear();
        where.Resolve(unit, ranges);
        foreach (AddressRange range in ranges)
        {
            calls.Add(new InlinedCall(range.Low, range.High, cursor.Depth, cursor.Offset, file, line));
        }
    }
}
