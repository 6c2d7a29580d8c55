using System.Collections;

namespace Blindspot.Runtime;

/// <summary>Several lists as one, without copying: it shows what they hold at the time.</summary>
internal sealed class JoinedList<T> : IReadOnlyList<T>
{
    private readonly IReadOnlyList<T>[] _parts;
    private readonly int[] _starts;

    public JoinedList(IEnumerable<IReadOnlyList<T>> parts)
    {
        _parts = [.. parts];
        _starts = new int[_parts.Length];
        for (int i = 0; i < _parts.Length; i++)
        {
            _starts[i] = Count;
            Count += _parts[i].Count;
        }
    }

    public int Count { get; }

    public T this[int index]
    {
        get
        {
            (int part, int within) = Locate(index);
            return _parts[part][within];
        }
    }

    /// <summary>The list that holds a member, and its place there.</summary>
    public (int Part, int Index) Locate(int index)
    {
        int part = _parts.Length - 1;
        while (part > 0 && index < _starts[part])
        {
            part--;
        }

        return (part, index - _starts[part]);
    }

    public IEnumerator<T> GetEnumerator() => _parts.SelectMany(part => part).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
