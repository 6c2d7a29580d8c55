using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Stacks;

/// <summary>
/// A Go that nobody has seen: a specimen with another version written over its own. With debug information all is read by
/// that; without, what needs the runtime's layouts is refused in words, and nothing else.
/// </summary>
public sealed class UnknownGoVersionTests
{
    private const string Known = "go1.27.4";
    private const string Unknown = "go1.99.4";

    [Theory]
    [InlineData("callbacks")]
    [InlineData("foreign-threads")]
    public void With_debug_information_everything_is_seen(string specimen)
    {
        StacksJson report = Look(specimen, "exe", (process, _) =>
        {
            List<TierReading> readings = SpecimenReading.ReadAll(process, ExpectedStacks.Of(specimen));
            Assert.Empty(readings.SelectMany(reading => reading.Differences));
        });
        Assert.DoesNotContain("go-version-unknown", GapKinds(report));
    }

    [Theory]
    [InlineData("callbacks")]
    [InlineData("foreign-threads")]
    public void Without_it_goroutines_are_refused_and_frames_have_names(string specimen)
    {
        StacksJson report = Look(specimen, "stripped", (_, _) => { });
        Assert.Equal(["go-version-unknown"], GapKinds(report));
        Assert.Empty(report.Tasks);
        Assert.DoesNotContain(report.Threads, thread => thread.Text("kind") is "foreign" or "foreign-in-runtime");

        // Where stacks change is where knowledge ends: C leads to the call's place in the runtime, and no further.
        StacksJson.Item[] inC = [.. report.Threads.Where(thread => thread.Text("kind") == "in-c")];
        Assert.NotEmpty(inC);
        Assert.All(inC, thread => Assert.Equal(("switch-unknown", "runtime.asmcgocall"), (thread.Stack.End, NameOfOutermost(thread))));
        Assert.All(report.Threads, thread => Assert.Contains(thread.Stack.End, (string[])["complete", "switch-unknown"]));

        // C calls Go calls C: what is complete must not have stepped over the C below a callback.
        Assert.DoesNotContain(report.Threads, thread => thread.Stack.End == "complete" && thread.Stack.Frames.Any(frame => frame.Function == "runtime.cgocallback"));
        Assert.Contains(report.Threads, thread => thread.Stack.Frames.Any(frame => frame is { Function: "main.main", Line: > 0 }));
    }

    private static string? NameOfOutermost(StacksJson.Item thread) => thread.Stack.Frames[^1].Function?.Replace(".abi0", "", StringComparison.Ordinal);

    private static string[] GapKinds(StacksJson report) =>
        [.. report.Root.GetProperty("gaps").EnumerateArray().Select(gap => gap.GetProperty("kind").GetString()!)];

    private static StacksJson Look(string specimen, string kind, Action<Specimen, StacksJson> check)
    {
        string folder = Directory.CreateTempSubdirectory("blindspot-unknown-go-").FullName;
        try
        {
            string path = Path.Combine(folder, specimen);
            File.Copy(Specimen.Build(specimen, "1.27", kind), path);
            byte[] bytes = File.ReadAllBytes(path);
            Assert.True(Overwrite(bytes) >= 2, $"{Known} stands in the build information and in the runtime, not in {specimen}");
            File.WriteAllBytes(path, bytes);
            using Specimen process = Specimen.StartFile(path, specimen);
            StacksJson report = StacksJson.Capture($"{process.Pid}");
            Assert.Equal(Unknown, report.Root.GetProperty("target").GetProperty("runtime").GetProperty("version").GetString());
            check(process, report);
            return report;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static int Overwrite(byte[] bytes)
    {
        int count = 0;
        byte[] known = System.Text.Encoding.ASCII.GetBytes(Known);
        for (int at = bytes.AsSpan().IndexOf(known); at >= 0; at = bytes.AsSpan().IndexOf(known))
        {
            System.Text.Encoding.ASCII.GetBytes(Unknown).CopyTo(bytes, at);
            count++;
        }

        return count;
    }
}
