namespace Blindspot.Interop;

/// <summary>What came of a download.</summary>
/// <param name="Outcome">How it ended.</param>
/// <param name="Status">The status that the server gave (404); 0 where it gave none.</param>
/// <param name="Problem">What was wrong, in words; empty when nothing was.</param>
public sealed record HttpAnswer(HttpOutcome Outcome, int Status, string Problem);
