using Blindspot.Analysis.Cpu;
using Blindspot.Model;

namespace Blindspot.Cli.Terminal;

/// <summary>What of a process was sampled, and how well: what stands above and beside its profile.</summary>
internal static class CpuText
{
    public static void WriteHead(CpuReport report, StyledWriter writer)
    {
        var target = new TargetText(report.Target, writer);
        target.WriteTitle();
        writer.EndLine();
        target.WriteField("sampled", Sampled(report));
        target.WriteField("stacks", Quality(report.Quality));
        writer.EndLine();
    }

    /// <summary>What a profile is of, for the formats that have a title.</summary>
    public static string TitleOf(CpuReport report) => $"CPU time of {Path.GetFileName(report.Target.Executable) ?? "a process"} ({report.Target.Pid})";

    /// <summary>The quality line, for who writes the profile into a file.</summary>
    public static string QualitySentence(CpuReport report) =>
        string.Join(", ", Sampled(report).Concat(Quality(report.Quality)).Select(static part => part.Text)) + ".";

    private static List<StyledText> Sampled(CpuReport report)
    {
        SampleQuality quality = report.Quality;
        var parts = new List<StyledText>
        {
            $"{Quantity.Of(quality.Samples, "sample")} in {report.Elapsed.TotalSeconds:0.0} s",
        };
        double seconds = report.Profile.Samples.Sum(static sample => sample.Values[1]) / 1e9;
        parts.Add(report.ProcessTime is { } used
            ? $"{seconds:0.00} s of CPU time of {used.TotalSeconds:0.00} s that the process used"
            : $"{seconds:0.00} s of CPU time");
        if (quality.Samples > 0)
        {
            double share = seconds > 0 ? quality.KernelTime.TotalSeconds / seconds : 0;
            parts.Add($"taking them cost {share:P1} of that ({quality.KernelTime.TotalMicroseconds / quality.Samples:0.0} µs and {Quantity.OfBytes(quality.Bytes / quality.Samples)} each)");
        }

        return parts;
    }

    private static List<StyledText> Quality(SampleQuality quality)
    {
        var parts = new List<StyledText>();
        if (quality.Samples > 0)
        {
            double share = (double)quality.Complete / quality.Samples;
            parts.Add(new StyledText($"{share:P1} complete", share < 0.99 ? Style.Alarm : Style.Strong));
        }

        foreach ((StackEnd end, long count) in quality.Ends.OrderByDescending(static pair => pair.Value).Take(3))
        {
            parts.Add($"{Quantity.Of(count)} ended: {ReportWords.Of(end)}");
        }

        parts.Add(quality.Lost > 0 ? new StyledText($"{Quantity.Of(quality.Lost)} lost", Style.Alarm) : "none lost");
        if (quality.Failed > 0)
        {
            parts.Add($"{Quantity.Of(quality.Failed)} without registers");
        }

        return parts;
    }
}
