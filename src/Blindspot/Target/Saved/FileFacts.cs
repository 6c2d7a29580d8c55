using Blindspot.Primitives;

namespace Blindspot.Target.Saved;

/// <summary>
/// Numbers that were learnt from parts of files that a saved snapshot leaves out (symbol tables, debug information):
/// noted when one is made, and answered when it is read. Empty for all others.
/// </summary>
/// <remarks>Of large tables it is noted here which parts were used, so that the rest can be left out.</remarks>
public sealed class FileFacts
{
    private readonly Dictionary<(string Path, string Name), ulong> _known;
    private readonly ReadLog? _log;

    internal FileFacts(Dictionary<(string Path, string Name), ulong> known, ReadLog? log)
    {
        _known = known;
        _log = log;
    }

    public static FileFacts None { get; } = new([], null);

    /// <param name="path">Path of a mapped file.</param>
    /// <param name="name">What the number is of, such as "symbol:runtime.allgs".</param>
    /// <param name="value">The number.</param>
    public bool TryGet(string path, string name, out ulong value)
    {
        bool isKnown = _known.TryGetValue((path, name), out value);
        if (isKnown)
        {
            Note(path, name, value);
        }

        return isKnown;
    }

    /// <summary>Notes what was learnt, for a snapshot that is being made.</summary>
    public void Note(string path, string name, ulong value)
    {
        _log?.AddFact(path, name, value);
    }

    /// <summary>The same, noted from now on in a log: a saved snapshot may be saved again.</summary>
    internal FileFacts NotedIn(ReadLog log) => new(_known, log);

    /// <summary>
    /// For a reader that has read a whole table and uses little of it: marks there what it uses. Null when nothing is saved.
    /// </summary>
    /// <param name="path">Path of the mapped file.</param>
    /// <param name="offset">Where in the file the table begins.</param>
    /// <param name="length">Its length in bytes.</param>
    public UseMap? TrackUse(string path, long offset, long length)
    {
        if (_log is null || length <= 0)
        {
            return null;
        }

        var map = new UseMap(length);
        _log.AddUse(new FileUse(path, offset, map));
        return map;
    }
}
