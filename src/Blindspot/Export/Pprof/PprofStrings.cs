using System.Text;
using Blindspot.Primitives;

namespace Blindspot.Export.Pprof;

/// <summary>The string table of a file: where each text lies, and those that somebody asked for.</summary>
internal sealed class PprofStrings(ReadOnlyMemory<byte> file, string section)
{
    private readonly List<(int Start, int Length)> _places = [];
    private string?[] _texts = [];

    public int Count => _places.Count;

    public void Add((int Start, int Length) place) => _places.Add(place);

    /// <exception cref="MalformedDataException">The table has no such text.</exception>
    public string this[ulong index]
    {
        get
        {
            if (index == 0 && _places.Count == 0)
            {
                return "";
            }

            if (index >= (ulong)_places.Count)
            {
                throw new MalformedDataException(section, 0, $"text {index} is asked for, of a table of {_places.Count}");
            }

            if (_texts.Length == 0)
            {
                _texts = new string?[_places.Count];
            }

            int at = (int)index;
            return _texts[at] ??= Encoding.UTF8.GetString(file.Span.Slice(_places[at].Start, _places[at].Length));
        }
    }
}
