using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Stacks;

/// <summary>Every specimen, as its author described it: all stacks complete, the expected frames found, in each way of reading.</summary>
public sealed class SpecimenStacksTests
{
    // What is special about one version or kind; ./dev matrix runs all of them.
    private static readonly (string Specimen, string Go, string Kind)[] s_corners =
    [
        ("callbacks", "1.19", "c-archive"),
        ("cgo-init", "1.25", "pie-stripped"),
        ("crossed-deadlock", "1.27", "c-shared-stripped"),
        ("deep-c", "1.21", "static-musl-stripped"),
        ("foreign-threads", "1.21", "static-musl"),
        ("lockosthread", "1.24", "plugin"),
        ("pure-go", "1.23", "c-archive-stripped"),
        ("signal-handler-c", "1.21", "stripped"),
        ("signal-handler-c", "1.25", "c-shared"),
    ];

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
                // Steps of seven go through both versions and all kinds, beginning elsewhere for each specimen.
                if ((i + turn) % 7 == 0)
                {
                    yield return new TheoryDataRow<string, string, string>(specimen, builds[i].Go, builds[i].Kind);
                }
            }

            turn++;
        }

        foreach ((string specimen, string go, string kind) in s_corners)
        {
            yield return new TheoryDataRow<string, string, string>(specimen, go, kind);
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
