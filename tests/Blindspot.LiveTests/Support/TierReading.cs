namespace Blindspot.LiveTests.Support;

/// <summary>What was seen of a specimen in one way of reading.</summary>
/// <param name="Tier">"watch", "watch --exact", "proc", "stop" or "core".</param>
/// <param name="CompleteStacks">Stacks of threads and goroutines that were walked to where they began.</param>
internal sealed record TierReading(string Tier, int CompleteStacks, int AllStacks, ExpectedFindings Expected, List<string> Differences);
