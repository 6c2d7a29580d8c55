namespace Blindspot.Matrix;

/// <summary>What one cell gave, summed over its specimens. Kept as JSON, so that a matrix that was interrupted goes on.</summary>
/// <param name="Stamp">Of the executable and the specimens: a result with another stamp is of something else.</param>
/// <param name="Seconds">How long the cell took, builds included, with others running beside it.</param>
/// <param name="Specimens">Those that ran, in order.</param>
/// <param name="Omitted">Specimens that this kind can't be built of, as their expected.json says.</param>
/// <param name="Tiers">A sum for each way of reading.</param>
/// <param name="Failures">What was not built, did not start or differs from what is expected: "specimen: what".</param>
internal sealed record CellResult(
    string Stamp,
    double Seconds,
    IReadOnlyList<string> Specimens,
    IReadOnlyList<string> Omitted,
    IReadOnlyList<TierSum> Tiers,
    IReadOnlyList<string> Failures);
