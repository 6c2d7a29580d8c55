using System.Globalization;
using System.Text;
using Blindspot.LiveTests.Support;

namespace Blindspot.Matrix;

/// <summary>The matrix as a page of documentation.</summary>
internal sealed class MatrixReport(MatrixCell[] cells, IReadOnlyDictionary<MatrixCell, CellResult> results)
{
    private static readonly string[] s_tiers = ["watch", "watch --exact", "proc", "stop", "core"];

    /// <param name="maxFailureLines">Lines shown of each failure.</param>
    public string ToMarkdown(int maxFailureLines)
    {
        var text = new StringBuilder();
        CellResult[] all = [.. results.Values];
        TierSum[] sums = [.. all.SelectMany(result => result.Tiers)];
        text.Append(CultureInfo.InvariantCulture, $"""
            # Go version × build kind × way of reading

            Written by `./dev matrix` on {DateTime.UtcNow:yyyy-MM-dd}: {cells.Length} cells in {all.Sum(result => result.Seconds) / 60 / CellRun.AtATime:F0} minutes, {CellRun.AtATime} cells at a time on {Environment.ProcessorCount} cores.
            {all.Sum(result => result.Specimens.Count)} runs of a specimen, {sums.Sum(sum => (long)sum.AllStacks)} stacks walked, {sums.Sum(sum => (long)sum.CompleteStacks)} of them complete;
            {sums.Sum(sum => sum.ExpectedStacks)} stacks expected, {sums.Sum(sum => sum.FoundStacks)} found. {all.Sum(result => result.Failures.Count)} failures.

            In each cell: the share of stacks (of threads and goroutines) that were walked to where they began, and the share of
            the frames in `specimens/*/expected.json` that were found in their stacks. {string.Join(", ", Common())} are in every cell;
            all specimens are in those of the oldest and the newest Go as exe. In plain `watch` a thread that runs may be incomplete,
            and then must be told as possibly torn; everywhere else anything short of complete is a failure.


            """);
        text.AppendLine("| Go | kind | specimens | " + string.Join(" | ", s_tiers) + " |");
        text.AppendLine("|---|---|---|" + string.Concat(s_tiers.Select(_ => "---|")));
        foreach (MatrixCell cell in cells)
        {
            CellResult result = results[cell];
            IEnumerable<string> columns = s_tiers.Select(tier => Column(result.Tiers.FirstOrDefault(sum => sum.Tier == tier)));
            text.AppendLine(CultureInfo.InvariantCulture, $"| {cell.Go} | {cell.Kind} | {result.Specimens.Count} | {string.Join(" | ", columns)} |");
        }

        AppendOmitted(text);
        AppendFailures(text, maxFailureLines);
        return text.ToString();
    }

    private IEnumerable<string> Common() =>
        results.Values.Select(result => result.Specimens.Concat(result.Omitted)).Aggregate((left, right) => left.Intersect(right));

    private static string Column(TierSum? sum) =>
        sum is null ? "not run" : $"{Share(sum.CompleteStacks, sum.AllStacks)} · {Share(sum.FoundFrames, sum.ExpectedFrames)}";

    // Rounded down, so that only all is 100 %.
    private static string Share(int part, int all) =>
        part == all ? "100 %" : (Math.Floor(1000.0 * part / all) / 10).ToString("F1", CultureInfo.InvariantCulture) + " %";

    private void AppendOmitted(StringBuilder text)
    {
        ILookup<string, string> omitted = cells
            .SelectMany(cell => results[cell].Omitted.Select(specimen => (specimen, cell.Kind)))
            .Distinct()
            .ToLookup(pair => pair.specimen, pair => pair.Kind);
        if (omitted.Count == 0)
        {
            return;
        }

        text.AppendLine().AppendLine("## Not built").AppendLine();
        foreach (IGrouping<string, string> specimen in omitted)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"- `{specimen.Key}` as {string.Join(", ", specimen)}: {ExpectedStacks.Of(specimen.Key).WhyNotBuilt}");
        }
    }

    private void AppendFailures(StringBuilder text, int maxLines)
    {
        text.AppendLine().AppendLine("## Failures").AppendLine();
        bool isAny = false;
        foreach (MatrixCell cell in cells)
        {
            foreach (string failure in results[cell].Failures)
            {
                isAny = true;
                string[] lines = failure.Split('\n');
                text.AppendLine(CultureInfo.InvariantCulture, $"- {cell.Go} {cell.Kind}, {string.Join("\n  ", lines.Take(maxLines))}{(lines.Length > maxLines ? " …" : "")}");
            }
        }

        if (!isAny)
        {
            text.AppendLine("None.");
        }
    }
}
