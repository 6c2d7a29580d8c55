using Blindspot.Analysis.Stacks;
using Blindspot.Cli.Terminal;
using Blindspot.Tests.Analysis.Stacks;

namespace Blindspot.Tests.Cli.Terminal;

public sealed class StacksTextTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    public void Groups(int width) => Golden.Matches($"ledger-{width}.txt", Write(LedgerReport.Build(), new(), width));

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    public void ThreadList(int width) =>
        Golden.Matches($"ledger-threads-{width}.txt", Write(LedgerReport.Build(), new() { ListThreads = true, Limit = 20 }, width));

    [Fact]
    public void TaskList() =>
        Golden.Matches("ledger-goroutines-80.txt", Write(LedgerReport.Build(), new() { ListTasks = true, Limit = 45 }, 80));

    [Fact]
    public void OneTaskWithEveryFrame()
    {
        StacksReport report = LedgerReport.Build();
        StacksReport one = new StacksSelection([1], [], null).Apply(report);
        Golden.Matches(
            "ledger-goroutine-1.txt",
            Write(report, one, new() { IsDetailed = true, AllFrames = true }, 100, isColoured: false));
    }

    [Fact]
    public void System() =>
        Golden.Matches("ledger-system.txt", Write(LedgerReport.Build(), new() { ShowSystem = true, Limit = 0 }, 120));

    [Theory]
    [InlineData(40)]
    [InlineData(57)]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(200)]
    public void NoLineIsWiderThanTheTerminal(int width)
    {
        StacksTextOptions[] all =
        [
            new(),
            new() { ShowSystem = true },
            new() { Limit = 1 },
            new() { AllFrames = true, IsDetailed = true },
            new() { ListTasks = true },
        ];
        foreach (StacksTextOptions options in all)
        {
            foreach (string line in Write(LedgerReport.Build(), options, width).Split('\n'))
            {
                // A list keeps room for its last column and may be wider than a very narrow terminal.
                int allowed = options.ListTasks ? Math.Max(width, 70) : width;
                Assert.False(line.EndsWith(' '), "ends in a space: " + line);
                Assert.True(DisplayWidth.Of(line) <= allowed, $"{DisplayWidth.Of(line)} columns: {line}");
            }
        }
    }

    [Fact]
    public void WithoutColourThereIsNoEscapeSequence() => Assert.DoesNotContain('\x1b', Write(LedgerReport.Build(), new(), 80));

    [Fact]
    public void ColourChangesNothingButColour()
    {
        StacksReport report = LedgerReport.Build();
        string coloured = Write(report, report, new(), 80, isColoured: true);
        Assert.Contains("\x1b[35m", coloured);
        Assert.Equal(Write(report, new(), 80), global::System.Text.RegularExpressions.Regex.Replace(coloured, "\x1b\\[[0-9;]*m", ""));
    }

    [Fact]
    public void NamesOfTheTargetCannotReachTheTerminal()
    {
        var forged = new ForgedReport { Executable = "/tmp/\x1b[2J\u202egnp.exe" };
        int stack = forged.Stack("c  evil\x1b]0;owned\x07\nname\u200b\ud800  lib\x9b.so  a\rb.c:3");
        forged.Add(forged.Task(5, stack, "wait\x1b[31m", "re\nason") with { Labels = [new("k\x08", "v\u2066")] });
        forged.Thread(48213, stack, Blindspot.Analysis.Stacks.ThreadKind.Foreign, "\x1b[?25l");
        forged.Gap("unwind", "x", "gap\x1b[0m");
        string text = Write(forged.Build(), new(), 120);
        foreach (char c in text)
        {
            Assert.False(char.IsControl(c) && c != '\n', $"control character {(int)c:x}");
            Assert.False(c is '\u202e' or '\u200b' or '\u2066' || char.IsSurrogate(c), $"harmful character {(int)c:x}");
        }

        Assert.Contains(@"evil\x1b]0;owned\x07\nname\u{200b}\u{d800}", text);
    }

    [Fact]
    public void HugeReportsStayReadable()
    {
        var forged = new ForgedReport();
        for (int i = 0; i < 500; i++)
        {
            int stack = forged.Stack($"go  main.work{i}  ledger  work.go:{i}");
            for (int k = 0; k < 200; k++)
            {
                forged.Task((i * 200) + k + 1, stack, "waiting", "chan receive");
            }
        }

        string[] lines = Write(forged.Build(), new(), 100).Split('\n');
        Assert.InRange(lines.Length, 40, 300);
        Assert.Contains(lines, static line => line.StartsWith("… 460 more groups with 92,000 goroutines: --limit 0", StringComparison.Ordinal));
    }

    private static string Write(StacksReport report, StacksTextOptions options, int width) =>
        Write(report, report, options, width, isColoured: false);

    private static string Write(StacksReport report, StacksReport selected, StacksTextOptions options, int width, bool isColoured)
    {
        var text = new StringWriter();
        StacksText.Write(report, selected, options, new StyledWriter(text, isColoured, width));
        return text.ToString();
    }
}
