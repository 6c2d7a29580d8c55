namespace Blindspot.Matrix;

/// <summary>One way of reading over all specimens of a cell.</summary>
/// <param name="Tier">"watch", "watch --exact", "proc", "stop" or "core".</param>
internal sealed record TierSum(string Tier, int CompleteStacks, int AllStacks, int FoundStacks, int ExpectedStacks, int FoundFrames, int ExpectedFrames);
