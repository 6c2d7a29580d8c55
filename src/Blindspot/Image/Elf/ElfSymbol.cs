using Blindspot.Primitives;

namespace Blindspot.Image.Elf;

/// <summary>One symbol. Its name is made when it is asked for.</summary>
public readonly struct ElfSymbol
{
    private readonly ElfSymbolTable _table;

    internal ElfSymbol(ElfSymbolTable table, int index, in ElfSymbolEntry entry, ulong address, ulong size, bool isPlt)
    {
        _table = table;
        Index = index;
        Address = new ImageOffset(address);
        Size = size;
        Type = entry.Type;
        Binding = entry.Binding;
        SectionIndex = entry.SectionIndex;
        IsPlt = isPlt;
    }

    /// <summary>st_value; of a thread-local symbol the offset into the thread-local block.</summary>
    public ImageOffset Address { get; }

    /// <summary>st_size; 0 when the file does not tell it (labels in assembly).</summary>
    public ulong Size { get; }

    public ElfSymbolType Type { get; }

    public ElfSymbolBinding Binding { get; }

    /// <summary>st_shndx, in the file that holds this symbol.</summary>
    public ushort SectionIndex { get; }

    /// <summary>Number within the table it was found in.</summary>
    public int Index { get; }

    /// <summary>A stub of the procedure linkage table for the named function, not that function.</summary>
    public bool IsPlt { get; }

    /// <summary>The name in the string table, without "@plt"; bytes that are not UTF-8 are possible.</summary>
    public ReadOnlySpan<byte> NameBytes => _table is null ? default : _table.NameBytes(Index);

    /// <summary>The name as the linker knows it (mangled); a stub's ends in "@plt".</summary>
    public string Name => IsPlt ? System.Text.Encoding.UTF8.GetString(NameBytes) + "@plt" : System.Text.Encoding.UTF8.GetString(NameBytes);

    public override string ToString() => $"{Address} {Name}";
}
