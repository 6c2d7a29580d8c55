namespace Blindspot.Analysis.Signals;

/// <summary>What follows from a verdict.</summary>
/// <param name="Consequence">In plain words; null where nothing breaks.</param>
internal readonly record struct SignalHarm(Severity Severity, string? Consequence)
{
    public static SignalHarm None => new(Severity.Info, null);
}
