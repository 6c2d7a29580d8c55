using System.Globalization;
using System.Text.RegularExpressions;
using Blindspot.LiveTests.Support;

namespace Blindspot.LiveTests.Cpu;

/// <summary><c>blindspot cpu</c> on specimens/cpu-burn: whole stacks through both languages, in the formats that people use.</summary>
public sealed partial class CpuTests
{
    private static readonly string[] s_expected =
    [
        "^runtime\\.goexit;main\\.burnDirect;.*runtime\\.asmcgocall;.*burn_direct;burn_loop(;burn_mixed|;burn_leaf)?$",
        "^runtime\\.goexit;main\\.burnNested;(.*runtime\\.asmcgocall;.*goBurnAgain;.*runtime\\.cgocallback;){3}.*runtime\\.asmcgocall;.*burn_nested;burn_loop(;burn_mixed|;burn_leaf)?$",
        "^runtime\\.goexit;main\\.burnInGo;main\\.burnMiddle(;main\\.burnLeaf)?$",
        "^(__)?clone3?;start_thread;burner_start;burn_loop(;burn_mixed|;burn_leaf)?$",
    ];

    [Theory]
    [InlineData("1.19", "exe")]
    [InlineData("1.27", "exe")]
    [InlineData("1.27", "pie")]
    public void Stacks_are_whole_through_both_languages(string go, string kind)
    {
        using Specimen specimen = Specimen.Start("cpu-burn", go, kind);
        ToolRun run = ToolRun.Blindspot(["cpu", $"{specimen.Pid}", "--duration", "3s", "--frequency", "499", "--format", "folded"]);
        Assert.True(run.ExitCode == 0, run.Error);
        (string Stack, long Cost)[] lines = [.. run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
        double total = lines.Sum(line => line.Cost);
        double expected = lines.Where(line => s_expected.Any(pattern => Regex.IsMatch(line.Stack, pattern))).Sum(line => line.Cost);
        Assert.All(s_expected, pattern => Assert.Contains(lines, line => Regex.IsMatch(line.Stack, pattern)));
        Assert.True(expected >= 0.97 * total, $"{expected / total:P1} of the time is in stacks that the program has:\n{run.Output}");
        Match quality = Complete().Match(run.Error);
        Assert.True(quality.Success, run.Error);
        Assert.InRange(double.Parse(quality.Groups[1].Value, CultureInfo.InvariantCulture), 99, 100);
        Assert.True(specimen.IsRunning, "the specimen did not survive");
    }

    [Fact]
    public void Bad_input_is_a_sentence()
    {
        string damaged = Path.GetTempFileName();
        File.WriteAllBytes(damaged, [0xff, 0xff, 0xff, 0xff, 0x7f]);
        foreach ((string[] arguments, string expected) in ((string[], string)[])
            [
                (["cpu", "1", "--duration", "soon"], "is no time to sample"),
                (["cpu", "1", "--frequency", "0"], "takes a whole number"),
                (["cpu", "1", "-o", "profile.xyz"], "does not tell the format"),
                (["cpu", "1", "--compare", damaged], "is no profile in pprof's format"),
                (["cpu", "1", "--focus", "(", "--format", "text"], "("),
            ])
        {
            ToolRun run = ToolRun.Blindspot(arguments);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains(expected, run.Error);
            Assert.Empty(run.Output);
        }

        File.Delete(damaged);
    }

    private static (string Stack, long Cost) Parse(string line)
    {
        int space = line.LastIndexOf(' ');
        return (line[..space], long.Parse(line[(space + 1)..], CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"([0-9.]+) % complete")]
    private static partial Regex Complete();
}
