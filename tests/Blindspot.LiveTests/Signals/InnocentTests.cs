using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Blindspot.LiveTests.Support;
using Blindspot.LiveTests.Target;

namespace Blindspot.LiveTests.Signals;

/// <summary>
/// Programs that use signals as they may (specimens/innocents), Go libraries in a C program, and .NET, looked at again and
/// again while they work: for some seconds, or for BLINDSPOT_INNOCENT_SECONDS. Nobody may be accused at any time.
/// </summary>
public sealed class InnocentTests
{
    private static readonly string[] s_ways = ["watch", "stop", "proc"];

    private static readonly JsonElement s_modes =
        JsonDocument.Parse(File.ReadAllText(Repository.InRoot("specimens", "innocents", "truth.json"))).RootElement.GetProperty("modes");

    private static TimeSpan Time { get; } =
        TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("BLINDSPOT_INNOCENT_SECONDS") ?? "8", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("1.19")]
    [InlineData("1.27")]
    public void Nobody_is_accused(string go)
    {
        string program = Specimen.Build("innocents", go, "exe");
        var innocents = new List<Innocent>();
        try
        {
            foreach (JsonProperty mode in s_modes.EnumerateObject())
            {
                string[] takes = mode.Value.TryGetProperty("takes", out JsonElement names) ? [.. names.EnumerateArray().Select(name => name.GetString()!)] : [];
                innocents.Add(new Innocent(mode.Name, CommandedProcess.Start(program, mode.Name), takes));
            }

            innocents.Add(new Innocent("nohup", CommandedProcess.Start("/bin/sh", "-c", "trap '' HUP INT; exec \"$0\" \"$@\"", program, "plain"), []));
            foreach (string kind in (string[])["c-shared", "c-archive"])
            {
                innocents.Add(new Innocent(kind, CommandedProcess.Start(Specimen.Build("foreign-threads", go, kind)), []));
            }

            innocents.Add(new Innocent("dotnet", CommandedProcess.Start(ChildRole.DotnetProgram), []));
            Look(innocents);
            Assert.All(innocents, innocent => Assert.True(innocent.Process.IsRunning, $"{innocent.Name} did not survive: {innocent.Process.End}"));
        }
        finally
        {
            innocents.ForEach(innocent => innocent.Process.Dispose());
        }
    }

    private static void Look(List<Innocent> innocents)
    {
        var accusations = new List<string>();
        Stopwatch watch = Stopwatch.StartNew();
        do
        {
            foreach (Innocent innocent in innocents)
            {
                foreach (string way in s_ways)
                {
                    SignalsJson report = Capture(innocent, way);
                    accusations.AddRange(report.Signals
                        .Where(signal => !IsFine(signal, innocent, way))
                        .Select(signal => $"{innocent.Name}, {way}, {watch.Elapsed.TotalSeconds:F0} s: {signal.Json}\n{report.Gaps}"));
                }
            }
        }
        while (watch.Elapsed < Time && accusations.Count < 100);
        Assert.True(accusations.Count == 0, string.Join("\n", accusations));
    }

    private static SignalsJson Capture(Innocent innocent, string way)
    {
        try
        {
            return SignalsJson.Capture($"{innocent.Process.Pid}", "--how", way);
        }
        catch (InvalidOperationException) when (innocent.Process.End is { } end)
        {
            throw new InvalidOperationException($"{innocent.Name} did not survive (seen {way}): {end}");
        }
    }

    private static bool IsFine(SignalsJson.Signal signal, Innocent innocent, string way) =>
        innocent.Takes.Contains(signal.Name)
        || (signal.Consequence is null && (signal.Verdict == "intact" || (signal.Verdict == "unknown" && way == "proc")));

    /// <param name="Takes">Signals that a library of it has for itself, and that Go does without.</param>
    private sealed record Innocent(string Name, CommandedProcess Process, string[] Takes);
}
