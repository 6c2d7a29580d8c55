using System.Buffers.Binary;
using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>
/// The stubs of .plt, .plt.sec and .plt.got. No symbol names them; but each jumps through a slot that a relocation fills,
/// and the relocation names the function.
/// </summary>
internal sealed class ElfPltTable
{
    private const int RelocationSize = 24;
    private const uint GlobalData = 6;
    private const uint JumpSlot = 7;
    private const uint IndirectRelative = 37;
    private const int MaxStubs = 1_000_000;

    private readonly ElfSymbolTable _table;
    private readonly ulong[] _starts;
    private readonly int[] _sizes;
    private readonly int[] _symbols;

    private ElfPltTable(ElfSymbolTable table, List<(ulong Start, int Size, int Symbol)> stubs)
    {
        _table = table;
        stubs.Sort((left, right) => left.Start.CompareTo(right.Start));
        _starts = new ulong[stubs.Count];
        _sizes = new int[stubs.Count];
        _symbols = new int[stubs.Count];
        for (int i = 0; i < stubs.Count; i++)
        {
            (_starts[i], _sizes[i], _symbols[i]) = stubs[i];
        }
    }

    public static ElfPltTable Read(ElfImage image, ElfSymbolTable table)
    {
        var stubs = new List<(ulong Start, int Size, int Symbol)>();
        try
        {
            if (image.TryGetSection(".plt", out _) || image.TryGetSection(".plt.got", out _) || image.TryGetSection(".plt.sec", out _))
            {
                Dictionary<ulong, int> slots = ReadSlots(image, table);
                foreach (string name in (ReadOnlySpan<string>)[".plt", ".plt.sec", ".plt.got"])
                {
                    AddStubs(image, name, slots, stubs);
                }
            }
        }
        catch (MalformedDataException)
        {
            // Then the stubs stay without names, as all code does that no symbol covers.
        }

        return new ElfPltTable(table, stubs);
    }

    public bool TryFind(ulong address, out ElfSymbol symbol)
    {
        int place = Array.BinarySearch(_starts, address);
        place = place < 0 ? ~place - 1 : place;
        if (place < 0 || address - _starts[place] >= (ulong)_sizes[place])
        {
            symbol = default;
            return false;
        }

        int index = _symbols[place];
        symbol = new ElfSymbol(_table, index, _table.Entry(index), _starts[place], (ulong)_sizes[place], isPlt: true);
        return true;
    }

    /// <summary>Address of each slot to the number of the symbol it is filled with.</summary>
    private static Dictionary<ulong, int> ReadSlots(ElfImage image, ElfSymbolTable table)
    {
        var slots = new Dictionary<ulong, int>();
        foreach (ElfSection section in image.Sections)
        {
            if (section.Type != ElfSectionType.Rela || !section.IsLoaded || !section.HasContents)
            {
                continue;
            }

            int firstSymbol = table.FirstDynamicSymbol;
            ReadOnlySpan<byte> relocations = image.ReadSection(section).Span;
            for (int at = 0; at + RelocationSize <= relocations.Length && slots.Count < MaxStubs; at += RelocationSize)
            {
                ReadOnlySpan<byte> entry = relocations[at..];
                ulong slot = BinaryPrimitives.ReadUInt64LittleEndian(entry);
                uint type = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
                uint symbol = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
                if (type is JumpSlot or GlobalData && symbol > 0 && firstSymbol >= 0 && symbol < table.Count - firstSymbol)
                {
                    slots.TryAdd(slot, firstSymbol + (int)symbol);
                }
                else if (type == IndirectRelative)
                {
                    int target = table.FindFunctionStart(BinaryPrimitives.ReadUInt64LittleEndian(entry[16..]));
                    if (target >= 0)
                    {
                        slots.TryAdd(slot, target);
                    }
                }
            }
        }

        return slots;
    }

    /// <summary>
    /// Stubs take 16 bytes (8 in .plt.got without CET): "jmp *slot(%rip)", ff 25 and a 32-bit distance, behind endbr64
    /// (f3 0f 1e fa) and a bnd prefix (f2) if any (psABI AMD64 supplement, "Procedure Linkage Table"). The first entry
    /// of .plt leads to the dynamic linker and through no such slot.
    /// </summary>
    private static void AddStubs(ElfImage image, string name, Dictionary<ulong, int> slots, List<(ulong Start, int Size, int Symbol)> stubs)
    {
        if (!image.TryGetSection(name, out ElfSection? section) || !section.HasContents || !section.IsExecutable)
        {
            return;
        }

        int size = section.EntrySize == 8 ? 8 : 16;
        ReadOnlySpan<byte> code = image.ReadSection(section).Span;
        for (int at = 0; at + size <= code.Length && stubs.Count < MaxStubs; at += size)
        {
            ReadOnlySpan<byte> stub = code.Slice(at, size);
            int jump = stub.IndexOf(Jump);
            if (jump < 0 || jump > 5 || jump + 6 > size)
            {
                continue;
            }

            int distance = BinaryPrimitives.ReadInt32LittleEndian(stub[(jump + 2)..]);
            ulong next = section.Address.Value + (ulong)(at + jump + 6);
            if (slots.TryGetValue(next + (ulong)(long)distance, out int symbol))
            {
                stubs.Add((section.Address.Value + (ulong)at, size, symbol));
            }
        }
    }

    private static ReadOnlySpan<byte> Jump => [0xff, 0x25];
}
