using System.Buffers.Binary;
using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Image.Pclntab;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Pclntab;

public sealed class GoFunctionTableTests
{
    [Theory]
    [InlineData(0xfffffffbu)]
    [InlineData(0xfffffffau)]
    [InlineData(0xfffffff0u)]
    [InlineData(0xfffffff1u)]
    public void Every_format_tells_functions_depths_and_lines(uint magic)
    {
        GoFunctionTable table = Open(magic);
        Assert.Equal((GoPclntabVersion)magic, table.Version);
        Assert.Equal(2, table.Count);
        Assert.Equal(new ImageOffset(0x1000), table.TextStart);
        Assert.Equal(new ImageOffset(0x1050), table.TextEnd);

        Assert.False(table.TryFind(new ImageOffset(0xfff), out _));
        Assert.False(table.TryFind(new ImageOffset(0x1050), out _));
        Assert.True(table.TryFind(new ImageOffset(0x101f), out GoFunction first));
        Assert.Equal("main.first", table.GetName(first));
        Assert.Equal((0x1000ul, 0x1020ul), (first.Entry.Value, first.End.Value));
        Assert.Equal(magic != 0xfffffffb, first.Flags.HasFlag(GoFunctionFlags.Assembly));
        Assert.True(table.TryFind(new ImageOffset(0x1020), out GoFunction second));
        Assert.Equal("main.second", table.GetName(second));

        for (int round = 0; round < 2; round++) // the second time from the cache
        {
            Assert.Equal(0, Depth(table, first, 0x1003));
            Assert.Equal(24, Depth(table, first, 0x1004));
            Assert.Equal(24, Depth(table, first, 0x101f));
        }

        Assert.False(table.TryGetStackDepth(second, new ImageOffset(0x1020), out _));

        List<SourceFrame> frames = [];
        Assert.True(table.FindFrames(new ImageOffset(0x1012), frames));
        Assert.Equal([new SourceFrame("main.first", "/src/main.go", 12, false)], frames);
    }

    [Theory]
    [InlineData(0xfffffff0u)]
    [InlineData(0xfffffff1u)]
    public void Inlined_calls_come_first(uint magic)
    {
        List<SourceFrame> frames = [];
        Assert.True(Open(magic).FindFrames(new ImageOffset(0x1009), frames));
        Assert.Equal(
            [new SourceFrame("main.inner", "/src/main.go", 10, true), new SourceFrame("main.first", "/src/main.go", 10, false)],
            frames);
    }

    [Fact]
    public void The_text_start_that_is_given_goes_before_the_header_s()
    {
        byte[] bytes = ForgedGoTable.Build(0xfffffff1);
        GoFunctionTable table = GoFunctionTable.Open(bytes, default, new ImageOffset(0x7000), default);
        Assert.Equal(new ImageOffset(0x7000), table.TextStart);
        Assert.Equal(new ImageOffset(0x1000), GoFunctionTable.Open(bytes, default, null, default).TextStart);
    }

    [Fact]
    public void What_is_no_table_is_malformed()
    {
        byte[] bytes = ForgedGoTable.Build(0xfffffff1);
        Assert.Throws<MalformedDataException>(() => Open(bytes.AsMemory(0, 60)));
        bytes[7] = 4;
        Assert.Throws<MalformedDataException>(() => Open(bytes));
        byte[] many = ForgedGoTable.Build(0xfffffff1);
        BinaryPrimitives.WriteUInt64LittleEndian(many.AsSpan(8), ulong.MaxValue / 8);
        Assert.Throws<MalformedDataException>(() => Open(many));
    }

    [Theory]
    [InlineData(0xfffffffbu)]
    [InlineData(0xfffffffau)]
    [InlineData(0xfffffff0u)]
    [InlineData(0xfffffff1u)]
    public void Damaged_tables_are_refused_or_read_within_bounds(uint magic)
    {
        byte[] whole = ForgedGoTable.Build(magic);
        Random random = new(19);
        int opened = 0;
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = (byte[])whole.Clone();
            for (int i = random.Next(1, 5); i > 0; i--)
            {
                bytes[random.Next(8, bytes.Length)] = (byte)random.Next(256);
            }

            opened += ReadEverything(bytes.AsMemory(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length), magic) ? 1 : 0;
        }

        Assert.InRange(opened, 1000, 19_999); // else nothing, or everything, would be refused
    }

    [Fact]
    public void A_damaged_table_of_a_real_program_is_refused_or_read_within_bounds()
    {
        string path = GoBuilds.Build("Blindspot.Tests/Image/Pclntab/Programs/frames", "1.19", []);
        using ElfImage image = ElfImage.Open(FileByteSource.Open(path), path, Limits.Default);
        Assert.True(image.TryReadSection(".gopclntab", out ReadOnlyMemory<byte> section));
        byte[] whole = section.ToArray();
        Random random = new(27);
        int opened = 0;
        for (int round = 0; round < 40; round++)
        {
            byte[] bytes = (byte[])whole.Clone();
            for (int i = 0; i < 2000; i++)
            {
                bytes[random.Next(72, bytes.Length)] = (byte)random.Next(256);
            }

            opened += ReadEverything(bytes, 0xfffffff0) ? 1 : 0;
        }

        Assert.InRange(opened, 0, 40);
    }

    private static bool ReadEverything(ReadOnlyMemory<byte> bytes, uint magic)
    {
        GoFunctionTable table;
        try
        {
            table = GoFunctionTable.Open(bytes, default, null, ForgedGoTable.InlineTree(magic));
        }
        catch (MalformedDataException)
        {
            return false;
        }

        List<SourceFrame> frames = [];
        for (int i = 0; i < Math.Min(table.Count, 500); i++)
        {
            if (!table.TryGet(i, out GoFunction function))
            {
                continue;
            }

            Assert.NotNull(table.GetName(function));
            for (ulong offset = 0; offset < 0x40; offset += 3)
            {
                ImageOffset pc = function.Entry + offset;
                frames.Clear();
                table.FindFrames(pc, frames);
                Assert.InRange(frames.Count, 0, Limits.Default.MaxNesting + 1);
                if (table.TryGetStackDepth(function, pc, out int depth))
                {
                    Assert.Equal(0, depth % 8);
                }
            }
        }

        table.TryFindByName("main.second", out _);
        return true;
    }

    private static int Depth(GoFunctionTable table, GoFunction function, ulong pc)
    {
        Assert.True(table.TryGetStackDepth(function, new ImageOffset(pc), out int depth));
        return depth;
    }

    private static GoFunctionTable Open(uint magic) =>
        GoFunctionTable.Open(ForgedGoTable.Build(magic), default, new ImageOffset(ForgedGoTable.Text), ForgedGoTable.InlineTree(magic));

    private static GoFunctionTable Open(ReadOnlyMemory<byte> bytes) => GoFunctionTable.Open(bytes, default, null, default);
}
