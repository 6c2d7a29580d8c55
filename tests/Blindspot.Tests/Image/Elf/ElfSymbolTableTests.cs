using System.Buffers.Binary;
using Blindspot.Image.Elf;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Elf;

public class ElfSymbolTableTests
{
    private const int Label = 0;
    private const int Object = 1;
    private const int Function = 2;
    private const int Local = 0;
    private const int Global = 1;
    private const int Weak = 2;

    [Theory]
    [InlineData(0x1000, "f")]
    [InlineData(0x100f, "f")]
    [InlineData(0x1010, null)]
    [InlineData(0xfff, null)]
    public void Respects_sizes(ulong address, string? expected) =>
        Assert.Equal(expected, Find(new ElfForge().AddSymbol("f", 0x1000, 0x10, Function), address));

    [Theory]
    [InlineData(0x1050, "label")]
    [InlineData(0x107f, "label")]
    [InlineData(0x1080, "g")]
    [InlineData(0x1090, null)]
    [InlineData(0x1180, "last")]
    [InlineData(0x11ff, "last")]
    [InlineData(0x1200, null)]
    public void Labels_reach_to_the_next_symbol_or_the_end_of_their_section(ulong address, string? expected) =>
        Assert.Equal(expected, Find(
            new ElfForge().AddSymbol("last", 0x1180, 0, Label, Local).AddSymbol("label", 0x1050, 0, Label, Local).AddSymbol("g", 0x1080, 0x10, Function),
            address));

    [Theory]
    [InlineData(0x1005, "outer")]
    [InlineData(0x1020, "inner")]
    [InlineData(0x1030, "outer")]
    [InlineData(0x1050, "outer")]
    [InlineData(0x10f7, "outer")]
    [InlineData(0x10ff, "overlapping")]
    [InlineData(0x1105, "overlapping")]
    [InlineData(0x1120, null)]
    public void Finds_the_innermost_of_nested_ranges(ulong address, string? expected) =>
        Assert.Equal(expected, Find(
            new ElfForge()
                .AddSymbol("outer", 0x1000, 0x100, Function)
                .AddSymbol("inner", 0x1020, 0x10, Function)
                .AddSymbol("label", 0x1050, 0, Label, Local)
                .AddSymbol("overlapping", 0x10f8, 0x10, Function, Local),
            address));

    [Fact]
    public void Chooses_among_names_of_one_address()
    {
        ElfForge forge = new ElfForge()
            .AddSymbol("unsized", 0x1000, 0, Function)
            .AddSymbol("local", 0x1000, 8, Function, Local)
            .AddSymbol("__global", 0x1000, 8, Function, Global)
            .AddSymbol("weak", 0x1000, 8, Function, Weak)
            .AddSymbol("weak2", 0x1000, 8, Function, Weak);
        Assert.Equal("weak", Find(forge, 0x1004));
    }

    [Fact]
    public void Tells_code_from_data()
    {
        ElfForge forge = new ElfForge()
            .AddSection(".data", 1, 3, 0x4000, new byte[64])
            .AddSymbol("f", 0x1000, 8, Function)
            .AddSymbol("variable", 0x4000, 8, Object, Global, 2)
            .AddSymbol("edge", 0x4010, 0, Object, Global, 2)
            .AddSymbol("_end", 0x4020, 0, Label, Global, 2)
            .AddSymbol("undefined", 0, 0, Function, Global, 0)
            .AddSymbol("absolute", 0x1000, 8, Function, Global, 0xfff1);
        using ElfImage image = Open(forge);
        Assert.Equal(1, image.Symbols.FunctionCount);
        Assert.True(image.Symbols.TryFindObject(new ImageOffset(0x4007), out ElfSymbol symbol));
        Assert.Equal("variable", symbol.Name);
        Assert.False(image.Symbols.TryFindObject(new ImageOffset(0x4008), out _));
        Assert.True(image.Symbols.TryFindObject(new ImageOffset(0x4010), out symbol));
        Assert.Equal("edge", symbol.Name);
        Assert.False(image.Symbols.TryFindObject(new ImageOffset(0x1000), out _));
        Assert.True(image.Symbols.TryFindByName("_end", out symbol));
        Assert.Equal(new ImageOffset(0x4020), symbol.Address);
        Assert.False(image.Symbols.TryFindByName("undefined", out _));
        Assert.False(image.Symbols.TryFindByName("", out _));
    }

    [Fact]
    public void Finds_the_global_one_of_a_name()
    {
        using ElfImage image = Open(new ElfForge()
            .AddSymbol("twice", 0x1000, 8, Function, Local)
            .AddSymbol("twice", 0x1010, 8, Function, Global)
            .AddSymbol("twice", 0x1020, 8, Function, Local));
        Assert.True(image.Symbols.TryFindByName("twice", out ElfSymbol symbol));
        Assert.Equal(new ImageOffset(0x1010), symbol.Address);
    }

    [Fact]
    public void Names_outside_the_string_table_are_empty()
    {
        byte[] bytes = new ElfForge().AddSymbol("f", 0x1000, 8, Function).Build();
        int name = bytes.AsSpan().LastIndexOf(new byte[] { 1, 0, 0, 0, 0x12 });
        Assert.True(name > 0);
        bytes[name + 2] = 0xff;
        using ElfImage image = ElfImage.Open(new BufferByteSource(bytes), "test", Limits.Default);
        Assert.True(image.Symbols.TryFindFunction(new ImageOffset(0x1000), out ElfSymbol symbol));
        Assert.Equal("", symbol.Name);
    }

    [Fact]
    public void A_damaged_table_is_left_out_and_told()
    {
        ElfForge forge = new ElfForge().AddSection(".dynsym", 11, 2, 0x3000, new byte[48], link: 1).AddSymbol("f", 0x1000, 8, Function);
        using ElfImage image = Open(forge);
        Assert.True(image.Symbols.TryFindByName("f", out _));
        Assert.Contains(".dynsym", image.Symbols.Problem);
    }

    [Fact]
    public void A_name_of_a_megabyte_is_cut_and_what_it_holds_is_kept_as_it_is()
    {
        string hostile = "\u001b]0;title\a\u001b[31m" + new string('x', 1 << 20);
        using ElfImage image = Open(new ElfForge().AddSymbol(hostile, 0x1000, 8, Function).AddSymbol("next", 0x1010, 8, Function));
        Assert.True(image.Symbols.TryFindFunction(new ImageOffset(0x1000), out ElfSymbol symbol));
        Assert.Equal(Limits.Default.MaxNameLength, symbol.Name.Length);
        Assert.StartsWith("\u001b]0;title", symbol.Name, StringComparison.Ordinal);
        Assert.True(image.Symbols.TryFindByName("next", out _));
    }

    [Fact]
    public void Two_million_symbols_with_one_long_name_are_read_within_bounds()
    {
        const int Count = 2_000_000;
        byte[] entries = new byte[Count * 24];
        for (int i = 0; i < Count; i++)
        {
            Span<byte> entry = entries.AsSpan(i * 24, 24);
            BinaryPrimitives.WriteUInt32LittleEndian(entry, 1 + ((uint)i % 5000));
            entry[4] = (Global << 4) | Function;
            BinaryPrimitives.WriteUInt16LittleEndian(entry[6..], 1);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], 0x1000 + ((ulong)i * 16));
            BinaryPrimitives.WriteUInt64LittleEndian(entry[16..], 16);
        }

        byte[] names = [0, .. Enumerable.Repeat((byte)'a', 1 << 20), 0];
        byte[] file = new ElfForge().AddSection(".symtab", 2, 0, 0, entries, link: 3, entrySize: 24).AddSection(".strtab", 3, 0, 0, names).Build();
        using ElfImage image = ElfImage.Open(new BufferByteSource(file), "large", Limits.Default);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(image.Symbols.TryFindFunction(new ImageOffset(0x1000 + (1_234_567 * 16) + 3), out ElfSymbol symbol));
        Assert.Equal(0x1000UL + (1_234_567 * 16), symbol.Address.Value);
        Assert.Equal(Limits.Default.MaxNameLength, symbol.Name.Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 256L << 20);

        var few = Limits.Default with { MaxSymbols = Count - 1 };
        using ElfImage refused = ElfImage.Open(new BufferByteSource(file), "large", few);
        Assert.Contains("more than the limit", refused.Symbols.Problem);
        Assert.False(refused.Symbols.TryFindFunction(new ImageOffset(0x1000), out _));
    }

    private static string? Find(ElfForge forge, ulong address)
    {
        using ElfImage image = Open(forge);
        return image.Symbols.TryFindFunction(new ImageOffset(address), out ElfSymbol symbol) ? symbol.Name : null;
    }

    private static ElfImage Open(ElfForge forge) => ElfImage.Open(new BufferByteSource(forge.Build()), "test", Limits.Default);
}
