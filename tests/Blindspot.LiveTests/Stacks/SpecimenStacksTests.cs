using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Stacks;

/// <summary>Every specimen, as its author described it: all stacks complete, the expected frames found, in each way of reading.</summary>
public sealed class SpecimenStacksTests
{
    // Each specimen as a few builds, so that all kinds and both versions get their turn among them; ./dev matrix runs all.
    private static bool IsWhole => Environment.GetEnvironmentVariable("BLINDSPOT_MATRIX") == "whole";

    public static IEnumerable<TheoryDataRow<string, string, string>> Matrix()
    {
        int turn = 0;
        foreach (string folder in Directory.EnumerateDirectories(Repository.InRoot("specimens")).Order(StringComparer.Ordinal))
        {
            string specimen = Path.GetFileName(folder);
            if (!File.Exists(Path.Combine(folder, "expected.json")))
            {
                continue;
            }

            bool isGo = Directory.EnumerateFiles(folder, "*.go").Any();
            var builds = new List<(string Go, string Kind)>();
            foreach (string kind in ExpectedStacks.Of(specimen).Builds)
            {
                builds.AddRange(isGo ? [("1.27", kind), ("1.19", kind)] : [("1.27", kind)]);
            }

            for (int i = 0; i < builds.Count; i++)
            {
                // Steps of five go through both versions and all kinds, beginning elsewhere for each specimen.
                if (IsWhole || (i + turn) % 5 == 0)
                {
                    yield return new TheoryDataRow<string, string, string>(specimen, builds[i].Go, builds[i].Kind);
                }
            }

            turn++;
        }
    }

    [Theory]
    [MemberData(nameof(Matrix))]
    public void Stacks_are_whole_in_every_way_of_reading(string specimen, string go, string kind)
    {
        ExpectedStacks expected = ExpectedStacks.Of(specimen, kind);
        using Specimen process = Specimen.Start(specimen, go, kind);
        string[] wrong =
        [
            .. SpecimenReading.ReadAll(process, expected)
                .Where(reading => reading.Differences.Count > 0)
                .Select(reading => $"--- {reading.Tier}\n{string.Join("\n", reading.Differences)}"),
        ];
        Assert.True(process.IsRunning, "the specimen did not survive");
        Assert.True(wrong.Length == 0, string.Join("\n", wrong));
    }
}
