using Blindspot.Image.Dwarf.Frames;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf.Frames;

/// <summary>Writes .eh_frame and .debug_frame sections entry by entry.</summary>
internal sealed class FrameForge
{
    public const ulong Address = 0x10_0000;

    /// <summary>CFA = rsp + 8, return address at CFA - 8: what every function begins with.</summary>
    public static readonly byte[] Entry = [0x0c, 7, 8, 0x90, 1];

    private readonly ByteForge _bytes = new();

    public int Length => _bytes.Length;

    /// <summary>A CIE of .eh_frame with absolute 8-byte addresses unless told otherwise; returns where it begins.</summary>
    public int EhCie(byte[] instructions, string augmentation = "zR", byte encoding = 0x00, byte codeAlignment = 1)
    {
        int at = _bytes.Length;
        var content = new ByteForge().UInt32(0).Bytes(1).Text(augmentation).Uleb128(codeAlignment).Bytes(0x78).Bytes(16);
        if (augmentation.Contains('z'))
        {
            content.Block(augmentation.Contains('R') ? [encoding] : []);
        }

        _bytes.Sized(content.Bytes(instructions));
        return at;
    }

    public int EhFde(int cie, Action<ByteForge, ulong> range, byte[] instructions, bool isAugmented = true)
    {
        int at = _bytes.Length;
        var content = new ByteForge().UInt32((uint)(at + 4 - cie));
        range(content, Address + (ulong)at + 8);
        if (isAugmented)
        {
            content.Uleb128(0);
        }

        _bytes.Sized(content.Bytes(instructions));
        return at;
    }

    public int EhFde(int cie, ulong start, ulong size, params byte[] instructions) =>
        EhFde(cie, (content, _) => content.UInt64(start).UInt64(size), instructions);

    public FrameForge Raw(params byte[] bytes)
    {
        _bytes.Bytes(bytes);
        return this;
    }

    public byte[] ToArray() => _bytes.ToArray();

    public CallFrameSections ToSections() => new() { EhFrame = ToArray(), EhFrameAddress = new ImageOffset(Address) };

    public CallFrameTable ToTable() => CallFrameTable.Open(ToSections())!;

    /// <summary>One function at 0x1000 with the given instructions.</summary>
    public static CallFrameTable Table(params byte[] instructions)
    {
        var forge = new FrameForge();
        forge.EhFde(forge.EhCie(Entry), 0x1000, 0x100, instructions);
        return forge.ToTable();
    }

    public static CallFrameRow Row(CallFrameTable table, ulong pc)
    {
        Assert.Equal(CallFrameLookup.Found, table.FindRow(new ImageOffset(pc), out CallFrameRow row));
        return row;
    }

    public static CallFrameLookup LookUp(CallFrameTable table, ulong pc) => table.FindRow(new ImageOffset(pc), out _);
}
