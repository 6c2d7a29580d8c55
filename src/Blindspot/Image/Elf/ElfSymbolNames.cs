namespace Blindspot.Image.Elf;

/// <summary>Defined symbols by name: an open-addressed hash table of symbol numbers, without a string for any of them.</summary>
internal sealed class ElfSymbolNames
{
    private readonly ElfSymbolTable _table;

    /// <summary>Symbol number plus one; zero is free. At most half full, so that searches are short.</summary>
    private readonly int[] _slots;

    public ElfSymbolNames(ElfSymbolTable table)
    {
        _table = table;
        _slots = new int[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, table.Count * 2L))];
        for (int i = 0; i < table.Count; i++)
        {
            Add(i);
        }
    }

    /// <summary>The symbol's number; -1 when none has the name.</summary>
    public int Find(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty)
        {
            return -1;
        }

        for (int slot = Slot(name); ; slot = Next(slot))
        {
            int symbol = _slots[slot] - 1;
            if (symbol < 0 || _table.NameBytes(symbol).SequenceEqual(name))
            {
                return symbol;
            }
        }
    }

    private void Add(int symbol)
    {
        ElfSymbolEntry entry = _table.Entry(symbol);
        if (!entry.IsDefined || entry.Name == 0 || entry.Type is ElfSymbolType.Section or ElfSymbolType.File)
        {
            return;
        }

        ReadOnlySpan<byte> name = _table.NameBytes(symbol);
        if (name.IsEmpty)
        {
            return;
        }

        for (int slot = Slot(name); ; slot = Next(slot))
        {
            int there = _slots[slot] - 1;
            if (there < 0)
            {
                _slots[slot] = symbol + 1;
                return;
            }

            if (_table.NameBytes(there).SequenceEqual(name))
            {
                if (entry.Binding != ElfSymbolBinding.Local && _table.Entry(there).Binding == ElfSymbolBinding.Local)
                {
                    _slots[slot] = symbol + 1;
                }

                return;
            }
        }
    }

    /// <summary>The framework's hash is seeded anew in each process, so no file can be made to collide.</summary>
    private int Slot(ReadOnlySpan<byte> name)
    {
        var hash = default(HashCode);
        hash.AddBytes(name);
        return hash.ToHashCode() & (_slots.Length - 1);
    }

    private int Next(int slot) => (slot + 1) & (_slots.Length - 1);
}
