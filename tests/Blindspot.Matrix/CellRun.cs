using System.Diagnostics;
using Blindspot.LiveTests.Support;

namespace Blindspot.Matrix;

/// <summary>Builds, starts and reads the specimens of one cell, one after the other.</summary>
internal sealed class CellRun(MatrixCell cell, IReadOnlyList<string> specimens, string stamp)
{
    /// <summary>Cells that run side by side: one more than there are cores, since each also waits for what it looks at to settle.</summary>
    public static int AtATime { get; } = Environment.ProcessorCount + 1;

    private readonly Dictionary<string, TierSum> _sums = [];
    private readonly List<string> _tiers = [];
    private readonly List<string> _ran = [];
    private readonly List<string> _omitted = [];
    private readonly List<string> _failures = [];

    public CellResult Run()
    {
        long begin = Stopwatch.GetTimestamp();
        foreach (string specimen in specimens)
        {
            ExpectedStacks expected = ExpectedStacks.Of(specimen, cell.Kind);
            if (!expected.Builds.Contains(cell.Kind))
            {
                _omitted.Add(specimen);
                continue;
            }

            _ran.Add(specimen);
            try
            {
                using Specimen process = Specimen.Start(specimen, cell.Go, cell.Kind);
                foreach (TierReading reading in SpecimenReading.ReadAll(process, expected))
                {
                    Add(specimen, reading);
                }

                if (!process.IsRunning)
                {
                    _failures.Add($"{specimen}: it did not survive being read");
                }
            }
            catch (Exception exception) when (exception is InvalidOperationException or TimeoutException)
            {
                _failures.Add($"{specimen}: {exception.Message}");
            }
        }

        return new CellResult(stamp, Stopwatch.GetElapsedTime(begin).TotalSeconds, _ran, _omitted, [.. _tiers.Select(tier => _sums[tier])], _failures);
    }

    private void Add(string specimen, TierReading reading)
    {
        if (!_sums.TryGetValue(reading.Tier, out TierSum? sum))
        {
            _tiers.Add(reading.Tier);
            sum = new TierSum(reading.Tier, 0, 0, 0, 0, 0, 0);
        }

        _sums[reading.Tier] = sum with
        {
            CompleteStacks = sum.CompleteStacks + reading.CompleteStacks,
            AllStacks = sum.AllStacks + reading.AllStacks,
            FoundStacks = sum.FoundStacks + reading.Expected.FoundStacks,
            ExpectedStacks = sum.ExpectedStacks + reading.Expected.AllStacks,
            FoundFrames = sum.FoundFrames + reading.Expected.FoundFrames,
            ExpectedFrames = sum.ExpectedFrames + reading.Expected.AllFrames,
        };
        if (reading.Differences.Count > 0)
        {
            _failures.Add($"{specimen}, {reading.Tier}: {string.Join("\n", reading.Differences)}");
        }
    }
}
