using Blindspot.Image.Dwarf;
using Blindspot.Image.Dwarf.Frames;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Bench.Readers;

/// <summary>What can be read of one file. Sections are in memory and decompressed already: readers alone are measured.</summary>
internal static class FileReadings
{
    private const int LookUps = 100_000;

    public static List<Reading> Of(ElfImage image)
    {
        var readings = new List<Reading>();
        CallFrameSections frames = CallFrameSections.Read(image, null);
        if (!frames.EhFrame.IsEmpty)
        {
            AddFrames(readings, ".eh_frame rows", frames with { DebugFrame = default }, "-wF");
        }

        if (!frames.DebugFrame.IsEmpty)
        {
            AddFrames(readings, ".debug_frame rows", frames with { EhFrame = default }, "-wF");
        }

        var sections = DwarfSections.Of(image);
        if (!sections.Info.IsEmpty)
        {
            readings.Add(new Reading(".debug_info entries", sections.Info.Length, () => Open(sections).CountEntries(), ["-wi", "-wN"]));
            readings.Add(new Reading("unit roots", sections.Abbreviations.Length, () => Open(sections).CountUnits(), null));
            readings.Add(new Reading(".debug_line rows and unit roots", sections.Lines.Length, () => Open(sections).CountLineRows(), ["-wL", "-wN"]));
        }

        return readings;
    }

    private static DwarfInfo Open(DwarfSections sections) =>
        DwarfInfo.TryOpen(sections, Limits.Default, null) ?? throw new InvalidOperationException("no debug information");

    private static void AddFrames(List<Reading> readings, string name, CallFrameSections sections, string option)
    {
        CallFrameTable table = CallFrameTable.Open(sections)!;
        var starts = new StartCollector { Starts = [] };
        table.VisitRows(ref starts);
        int bytes = sections.EhFrame.Length + sections.DebugFrame.Length;
        readings.Add(new Reading(name, bytes, () => Count(CallFrameTable.Open(sections)!), [option, "-wN"]));
        readings.Add(new Reading($"{LookUps} look-ups, new pcs", bytes, () => LookUp(CallFrameTable.Open(sections)!, starts.Starts, starts.Starts.Count), null));
        readings.Add(new Reading($"{LookUps} look-ups, 500 pcs", bytes, () => LookUp(CallFrameTable.Open(sections)!, starts.Starts, 500), null));
    }

    private static long Count(CallFrameTable table)
    {
        var counter = default(RowCounter);
        table.VisitRows(ref counter);
        return counter.Rows;
    }

    private static long LookUp(CallFrameTable table, List<ImageOffset> starts, int distinct)
    {
        long found = 0;
        ulong next = 1;
        for (int i = 0; i < LookUps; i++)
        {
            next = unchecked((next * 6364136223846793005) + 1442695040888963407);
            found += table.TryFindRow(starts[(int)((next >> 33) % (ulong)Math.Min(distinct, starts.Count))], out _) ? 1 : 0;
        }

        return found;
    }

    private struct StartCollector : ICallFrameRowVisitor
    {
        public List<ImageOffset> Starts;

        public readonly void Visit(in CallFrameRow row) => Starts.Add(row.Start);
    }
}
