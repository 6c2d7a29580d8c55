namespace Blindspot.Bench.Readers;

/// <summary>One thing that is read, and the tool that reads the same.</summary>
/// <param name="Name">What is read.</param>
/// <param name="Bytes">Size of what is read.</param>
/// <param name="Read">Reads all of it afresh, and returns how many items there were.</param>
/// <param name="ReadelfOptions">readelf's options for the same; null where it has none.</param>
internal sealed record Reading(string Name, long Bytes, Func<long> Read, string[]? ReadelfOptions);
