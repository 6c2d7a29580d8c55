using Blindspot.Model;
using Blindspot.Primitives;

namespace Blindspot.Unwind;

/// <summary>Each distinct stack once: a list of frame ids and why it ended.</summary>
internal sealed class RawStackTable(RawFrameTable frames)
{
    private readonly Dictionary<Key, int> _ids = new(KeyComparer.Instance);
    private int[] _scratch = new int[64];

    public List<Entry> Entries { get; } = [];

    public int Intern(UnwoundStack stack)
    {
        int count = stack.Frames.Count;
        if (_scratch.Length < count)
        {
            _scratch = new int[Math.Max(count, _scratch.Length * 2)];
        }

        var hash = default(HashCode);
        for (int i = 0; i < count; i++)
        {
            int id = frames.Intern(stack.Frames[i]);
            _scratch[i] = id;
            hash.Add(id);
        }

        hash.Add((int)stack.End);
        var key = new Key(_scratch, count, stack.End, stack.EndAddress, hash.ToHashCode());
        if (_ids.TryGetValue(key, out int existing))
        {
            return existing;
        }

        int[] kept = _scratch.AsSpan(0, count).ToArray();
        int added = Entries.Count;
        Entries.Add(new Entry(kept, stack.End, stack.EndAddress));
        _ids.Add(key with { Frames = kept }, added);
        return added;
    }

    /// <param name="Frames">Ids in the frame table, leaf first.</param>
    public sealed record Entry(int[] Frames, StackEnd End, TargetAddress EndAddress);

    private readonly record struct Key(int[] Frames, int Count, StackEnd End, TargetAddress EndAddress, int Hash);

    private sealed class KeyComparer : IEqualityComparer<Key>
    {
        public static readonly KeyComparer Instance = new();

        public bool Equals(Key x, Key y) =>
            x.Hash == y.Hash
            && x.Count == y.Count
            && x.End == y.End
            && x.EndAddress == y.EndAddress
            && x.Frames.AsSpan(0, x.Count).SequenceEqual(y.Frames.AsSpan(0, y.Count));

        public int GetHashCode(Key key) => key.Hash;
    }
}
