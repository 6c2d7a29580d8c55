namespace Blindspot.Target.Saved;

/// <summary>The parts of a mapped file that a snapshot holds.</summary>
internal sealed record SavedFileRanges(FileKey Key, long Length, IReadOnlyList<SavedRange> Ranges);
