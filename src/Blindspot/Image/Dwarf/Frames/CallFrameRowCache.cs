namespace Blindspot.Image.Dwarf.Frames;

/// <summary>
/// The rows last looked up, by program counter: a fixed array whose slots are overwritten. Thread-safe, since a slot
/// is one reference to something that never changes.
/// </summary>
internal sealed class CallFrameRowCache
{
    private const int SlotBits = 11;

    private readonly Entry?[] _slots = new Entry?[1 << SlotBits];

    public bool TryGet(ulong pc, out CallFrameLookup outcome, out CallFrameRow row)
    {
        Entry? entry = Volatile.Read(ref _slots[SlotOf(pc)]);
        if (entry is not null && entry.Pc == pc)
        {
            outcome = entry.Outcome;
            row = entry.Row;
            return true;
        }

        outcome = default;
        row = default;
        return false;
    }

    public void Add(ulong pc, CallFrameLookup outcome, in CallFrameRow row) =>
        Volatile.Write(ref _slots[SlotOf(pc)], new Entry(pc, outcome, row));

    /// <summary>Fibonacci hashing: the high bits of the product with 2^64 divided by the golden ratio.</summary>
    private static int SlotOf(ulong pc) => (int)(unchecked(pc * 0x9e37_79b9_7f4a_7c15) >> (64 - SlotBits));

    private sealed class Entry(ulong pc, CallFrameLookup outcome, in CallFrameRow row)
    {
        public readonly ulong Pc = pc;
        public readonly CallFrameLookup Outcome = outcome;
        public readonly CallFrameRow Row = row;
    }
}
