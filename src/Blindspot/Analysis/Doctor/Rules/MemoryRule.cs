using System.Globalization;

namespace Blindspot.Analysis.Doctor.Rules;

/// <summary>A rule about how much memory there is of a kind, and whose it is.</summary>
internal abstract class MemoryRule : Rule
{
    protected const long Mebibyte = 1 << 20;

    protected const string NoFigures = "how much memory is resident is not known: a core does not tell, a saved snapshot only if that was read for it";
    protected const string NoRollup = "how much of the memory was given back by MADV_FREE is not known (smaps_rollup)";
    protected const string NoRuntimeMemory = "what the runtime counts of its own memory could not be read";

    protected const string Status = "/proc/PID/status";
    protected const string Rollup = "/proc/PID/smaps_rollup";
    protected const string RuntimeFigures = "the runtime's own counts";

    protected static bool HasRuntime(DoctorEvidence evidence) => evidence.Stacks.Target.RuntimeKind is not null;

    protected static string RuntimeName(DoctorEvidence evidence) => evidence.Words?.Name ?? "the runtime";

    protected static string Size(long bytes) => bytes < 1 << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)Mebibyte:0.#} MiB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1 << 30):0.##} GiB");

    /// <summary>More memory is more harm, and less than what a warning about threads says, whose weights begin at 0.</summary>
    protected static double WeightOf(long bytes) => -1 / (1 + (bytes / (double)(1 << 30)));

    protected static Evidence Seen(string what, long? bytes, string source) => new(what, bytes is { } known ? Size(known) : "unknown", source);

    /// <summary>How a figure changed from one look to the next; nothing without a second one.</summary>
    protected static IEnumerable<Evidence> Change(DoctorEvidence evidence, string what, long? before, long? after)
    {
        if (after - before is { } change)
        {
            string sign = change < 0 ? "-" : "+";
            yield return new Evidence($"change of {what}", string.Create(CultureInfo.InvariantCulture, $"{sign}{Size(Math.Abs(change))} in {evidence.Interval.TotalSeconds:0.0} s"), Status);
        }
    }
}
