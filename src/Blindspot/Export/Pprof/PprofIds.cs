using Blindspot.Primitives;

namespace Blindspot.Export.Pprof;

/// <summary>From identifiers of a file to indexes: mostly they count up from 1, but they need not.</summary>
/// <param name="section">The file, for messages.</param>
/// <param name="noun">What is identified: "location".</param>
internal sealed class PprofIds(string section, string noun)
{
    private Dictionary<ulong, int>? _sparse;

    public int Count { get; private set; }

    /// <exception cref="MalformedDataException">It is zero, or there twice.</exception>
    public void Add(ulong id)
    {
        if (id == 0)
        {
            throw new MalformedDataException(section, 0, $"a {noun} without an identifier");
        }

        if (_sparse is null && id == (ulong)Count + 1)
        {
            Count++;
            return;
        }

        if (_sparse is null)
        {
            _sparse = [];
            for (int i = 0; i < Count; i++)
            {
                _sparse.Add((ulong)i + 1, i);
            }
        }

        if (!_sparse.TryAdd(id, Count))
        {
            throw new MalformedDataException(section, 0, $"{noun} {id} is there twice");
        }

        Count++;
    }

    /// <exception cref="MalformedDataException">There is none of that identifier.</exception>
    public int IndexOf(ulong id)
    {
        if (_sparse is null)
        {
            return id - 1 < (ulong)Count ? (int)(id - 1) : Throw(id);
        }

        return _sparse.TryGetValue(id, out int index) ? index : Throw(id);
    }

    private int Throw(ulong id) => throw new MalformedDataException(section, 0, $"{noun} {id} is referred to, and is not there");
}
