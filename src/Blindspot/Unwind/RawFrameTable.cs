using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Unwind;

/// <summary>Each distinct frame (code address, kind of address, how it was found) once, so that it is named once.</summary>
internal sealed class RawFrameTable
{
    private readonly Dictionary<Key, int> _ids = [];

    public List<Entry> Entries { get; } = [];

    public int Intern(in UnwoundFrame frame)
    {
        var key = new Key(frame.Address, frame.FoundBy, frame.IsSignalReturn);
        if (!_ids.TryGetValue(key, out int id))
        {
            id = Entries.Count;
            _ids.Add(key, id);
            Entries.Add(new Entry(frame.Address, frame.Module, frame.FoundBy, frame.IsSignalReturn));
        }

        return id;
    }

    public readonly record struct Entry(FrameAddress Address, Module? Module, FoundBy FoundBy, bool IsSignalReturn);

    private readonly record struct Key(FrameAddress Address, FoundBy FoundBy, bool IsSignalReturn);
}
