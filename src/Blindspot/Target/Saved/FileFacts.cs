namespace Blindspot.Target.Saved;

/// <summary>
/// Numbers that were learnt from parts of files that a saved snapshot leaves out (symbol tables, debug information):
/// noted when one is made, and answered when it is read. Empty for all others.
/// </summary>
public sealed class FileFacts
{
    private readonly Dictionary<(string Path, string Name), ulong> _known;
    private readonly Dictionary<(string Path, string Name), ulong>? _noted;

    internal FileFacts(Dictionary<(string Path, string Name), ulong> known, Dictionary<(string Path, string Name), ulong>? noted)
    {
        _known = known;
        _noted = noted;
    }

    public static FileFacts None { get; } = new([], null);

    /// <param name="path">Path of a mapped file.</param>
    /// <param name="name">What the number is of, such as "symbol:runtime.allgs".</param>
    /// <param name="value">The number.</param>
    public bool TryGet(string path, string name, out ulong value) => _known.TryGetValue((path, name), out value);

    /// <summary>Notes what was learnt, for a snapshot that is being made.</summary>
    public void Note(string path, string name, ulong value)
    {
        if (_noted is not null)
        {
            lock (_noted)
            {
                _noted[(path, name)] = value;
            }
        }
    }
}
