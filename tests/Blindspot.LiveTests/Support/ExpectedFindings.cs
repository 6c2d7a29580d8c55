namespace Blindspot.LiveTests.Support;

/// <summary>How much of what is expected of a specimen one report shows.</summary>
/// <param name="FoundStacks">Expected stacks (of expected.json) that are there, in their number and with all that is said of them.</param>
/// <param name="FoundFrames">Frames of those, and of each other as many as the stack that is most like it has.</param>
/// <param name="Differences">A line for everything that is not as expected; empty when all is.</param>
internal sealed record ExpectedFindings(int FoundStacks, int AllStacks, int FoundFrames, int AllFrames, List<string> Differences);
