using Blindspot.Analysis.Stacks;

namespace Blindspot.Tests.Analysis.Stacks;

public sealed class StackOutlineTests
{
    [Fact]
    public void PlumbingIsOneLineThatKnowsItsSides() => Assert.Equal(
        ["c1", "[2 c<go]", "g1", "[1 go<-]"],
        Outline("c  c1", "~go  asmcgocall", "~go  cgocall", "go  g1", "~go  goexit"));

    [Fact]
    public void RecursionIsOneRound() => Assert.Equal(
        ["leaf", "f", "(39 of 1)", "main"],
        Outline(["go  leaf", .. Enumerable.Repeat("go  f", 40), "go  main"]));

    [Fact]
    public void RecursionThroughOtherLinesIsTheSame() => Assert.Equal(
        ["f", "(39 of 1)"],
        Outline([.. Enumerable.Range(0, 40).Select(static i => $"go  f  m  f.go:{i % 2}")]));

    [Fact]
    public void TheCycleThatCoversMostWins() => Assert.Equal(
        ["leaf", "a", "a", "b", "(27 of 3)", "main"],
        Outline(["go  leaf", .. Enumerable.Repeat(new[] { "go  a", "go  a", "go  b" }, 10).SelectMany(static round => round), "go  main"]));

    [Fact]
    public void RecursionThroughTheBoundaryIsOneRoundToo() => Assert.Equal(
        ["c", "[1 c<go]", "g", "[1 go<c]", "(24 of 4)", "main"],
        Outline([.. Enumerable.Repeat(new[] { "c  c", "~go  cgocall", "go  g", "~go  cgocallback" }, 7).SelectMany(static round => round), "c  main"]));

    [Fact]
    public void AShortRunStays() => Assert.Equal(["f", "f", "f", "main"], Outline("go  f", "go  f", "go  f", "go  main"));

    [Fact]
    public void TheMiddleOfALongStackIsLeftOut()
    {
        List<string> lines = Outline([.. Enumerable.Range(0, 1000).Select(static i => "c  f" + i)]);
        Assert.Equal(97, lines.Count);
        Assert.Equal(("f0", "<904>", "f999"), (lines[0], lines[64], lines[^1]));
    }

    [Fact]
    public void NothingIsLostInTheCount()
    {
        var random = new Random(7);
        for (int round = 0; round < 300; round++)
        {
            string[] frames = [.. Enumerable.Range(0, random.Next(200)).Select(_ => (random.Next(4) == 0 ? "~go  p" : "go  f") + random.Next(2))];
            (StacksReport report, int stack) = Forge(frames);
            List<OutlineLine> lines = StackOutline.Of(report, stack, new StackIdentities(report), allFrames: false);
            Assert.Equal(frames.Length, lines.Sum(static line => line.Count));
        }
    }

    private static List<string> Outline(params string[] frames)
    {
        (StacksReport report, int stack) = Forge(frames);
        List<OutlineLine> all = StackOutline.Of(report, stack, new StackIdentities(report), allFrames: true);
        Assert.Equal(frames.Length, all.Count);
        return [.. StackOutline.Of(report, stack, new StackIdentities(report), allFrames: false).Select(line => line.Kind switch
        {
            OutlineKind.Frame => report.Frames[line.Frame].Symbol.Function!,
            OutlineKind.Plumbing => $"[{line.Count} {line.Callee ?? "-"}<{line.Caller ?? "-"}]",
            OutlineKind.Repetition => $"({line.Count} of {line.Period})",
            _ => $"<{line.Count}>",
        })];
    }

    private static (StacksReport Report, int Stack) Forge(string[] frames)
    {
        var forged = new ForgedReport();
        int stack = forged.Stack(frames);
        return (forged.Build(), stack);
    }
}
