using Blindspot.Image.Dwarf.Frames;
using Blindspot.Primitives;

namespace Blindspot.Tests.Image.Dwarf.Frames;

/// <summary>How descriptions are found: encodings, versions, tables, and sections with damage.</summary>
public sealed class CallFrameTableTests
{
    private const ulong Data = 0x20_0000;
    private const ulong Text = 0x0800;

    public static TheoryData<byte> Encodings => [0x00, 0x01, 0x02, 0x03, 0x04, 0x09, 0x0a, 0x0b, 0x0c, 0x1b, 0x1c, 0x23, 0x2b, 0x3b, 0x3c, 0x50];

    [Theory]
    [MemberData(nameof(Encodings))]
    public void PointerEncodings(byte encoding)
    {
        var forge = new FrameForge();
        int cie = forge.EhCie(FrameForge.Entry, encoding: encoding);
        forge.EhFde(cie, (content, place) => WriteRange(content, place, encoding), [0x0e, 24]);
        CallFrameTable table = CallFrameTable.Open(forge.ToSections() with { TextAddress = new ImageOffset(Text), DataAddress = new ImageOffset(Data) })!;

        CallFrameRow row = FrameForge.Row(table, 0x1010);
        Assert.Equal((0x1000UL, 0x1020UL, 24), (row.FunctionStart.Value, row.FunctionEnd.Value, row.CfaOffset));
    }

    [Theory]
    [InlineData(0x80)] // a code address behind an indirect pointer
    [InlineData(0x23)] // relative to text, which is not known here
    [InlineData(0x33)]
    [InlineData(0x43)]
    [InlineData(0x05)]
    public void EncodingsThatCannotBeAreMalformed(byte encoding)
    {
        var forge = new FrameForge();
        forge.EhFde(forge.EhCie(FrameForge.Entry, encoding: encoding), 0x1000, 0x20);
        Assert.Equal(CallFrameLookup.Malformed, FrameForge.LookUp(forge.ToTable(), 0x1010));
    }

    [Fact]
    public void AugmentationsAreReadOrSkipped()
    {
        var forge = new FrameForge();
        int signal = forge.EhCie(FrameForge.Entry, "zRS");
        forge.EhFde(signal, 0x1000, 0x10);
        int unknown = forge.EhCie(FrameForge.Entry, "zR?");
        forge.EhFde(unknown, 0x2000, 0x10);
        int none = forge.EhCie(FrameForge.Entry, "");
        forge.EhFde(none, (content, _) => content.UInt64(0x3000).UInt64(0x10), [], isAugmented: false);
        CallFrameTable table = forge.ToTable();

        Assert.True(FrameForge.Row(table, 0x1000).IsSignalFrame);
        Assert.False(FrameForge.Row(table, 0x2000).IsSignalFrame);
        Assert.False(FrameForge.Row(table, 0x3000).IsSignalFrame);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(3, false)]
    [InlineData(4, false)]
    [InlineData(3, true)]
    [InlineData(4, true)]
    public void VersionsOfDebugFrame(byte version, bool is64Bit)
    {
        var cie = new ByteForge();
        _ = is64Bit ? cie.UInt64(ulong.MaxValue) : cie.UInt32(uint.MaxValue);
        cie.Bytes(version).Text("");
        if (version == 4)
        {
            cie.Bytes(8, 0);
        }

        cie.Bytes(1, 0x78, 16).Bytes(FrameForge.Entry);
        var section = new ByteForge();
        AddEntry(section, cie, is64Bit);
        var fde = new ByteForge();
        _ = is64Bit ? fde.UInt64(0) : fde.UInt32(0);
        AddEntry(section, fde.UInt64(0x1000).UInt64(0x40).Bytes(0x44, 0x0e, 32), is64Bit);

        CallFrameTable table = CallFrameTable.Open(new CallFrameSections { DebugFrame = section.ToArray() })!;
        Assert.Equal(8, FrameForge.Row(table, 0x1003).CfaOffset);
        Assert.Equal(32, FrameForge.Row(table, 0x1004).CfaOffset);
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(table, 0x1040));
    }

    [Fact]
    public void DebugFrameTellsWhatEhFrameDoesNot()
    {
        var eh = new FrameForge();
        eh.EhFde(eh.EhCie(FrameForge.Entry), 0x1000, 0x10);
        ByteForge debug = new ByteForge()
            .Sized(new ByteForge().UInt32(uint.MaxValue).Bytes(1).Text("").Bytes(1, 0x78, 16).Bytes(0x0c, 7, 16))
            .Sized(new ByteForge().UInt32(0).UInt64(0x1000).UInt64(0x1000));
        CallFrameTable table = CallFrameTable.Open(eh.ToSections() with { DebugFrame = debug.ToArray() })!;

        Assert.Equal(8, FrameForge.Row(table, 0x1000).CfaOffset);
        Assert.Equal(16, FrameForge.Row(table, 0x1010).CfaOffset);
    }

    [Fact]
    public void DroppedEmptyAndOverlappingDescriptions()
    {
        var forge = new FrameForge();
        int cie = forge.EhCie(FrameForge.Entry);
        forge.EhFde(cie, 0, 0x10000); // dropped by the linker
        forge.EhFde(cie, 0x1000, 0x100, 0x0e, 16);
        forge.EhFde(cie, 0x1040, 0x10, 0x0e, 24); // inside the one before
        forge.EhFde(cie, 0x1080, 0); // empty
        forge.Raw(0, 0, 0, 0); // a terminator in the midst, as linkers leave when they join files
        forge.EhFde(cie, 0x2000, 0x10, 0x0e, 40);
        CallFrameTable table = forge.ToTable();

        Assert.Equal(16, FrameForge.Row(table, 0x103f).CfaOffset);
        Assert.Equal(24, FrameForge.Row(table, 0x1048).CfaOffset);
        Assert.Equal(16, FrameForge.Row(table, 0x1050).CfaOffset);
        Assert.Equal(16, FrameForge.Row(table, 0x1080).CfaOffset);
        Assert.Equal(40, FrameForge.Row(table, 0x2000).CfaOffset);
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(table, 0x500));

        CallFrameTable cut = CallFrameTable.Open(forge.ToSections() with { EhFrameEndsAtTerminator = true })!;
        Assert.Equal(24, FrameForge.Row(cut, 0x1048).CfaOffset);
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(cut, 0x2000));
    }

    [Fact]
    public void DamagedEntriesSpoilNoOthers()
    {
        var forge = new FrameForge();
        int cie = forge.EhCie(FrameForge.Entry);
        forge.EhFde(cie, 0x1000, 0x10);
        forge.EhFde(cie + 3, 0x2000, 0x10); // names no CIE
        forge.EhFde(cie, 0x3000, 0x10, 0x0e, 48);
        CallFrameTable table = forge.ToTable();

        Assert.Equal(8, FrameForge.Row(table, 0x1000).CfaOffset);
        Assert.Equal(48, FrameForge.Row(table, 0x3000).CfaOffset);

        // Whatever is not found may have been what the damaged entry described.
        Assert.Equal(CallFrameLookup.Malformed, FrameForge.LookUp(table, 0x2000));
        Assert.Equal(CallFrameLookup.Malformed, FrameForge.LookUp(table, 0x9000));
        var counter = default(RowCounter);
        Assert.Equal(1, table.VisitRows(ref counter));
        Assert.Equal(2, counter.Count);
    }

    [Fact]
    public void TheLinkersTableIsUsed()
    {
        var forge = new FrameForge();
        int cie = forge.EhCie(FrameForge.Entry);
        int first = forge.EhFde(cie, 0x1000, 0x10, 0x0e, 16);
        forge.EhFde(cie, 0x1800, 0x10, 0x0e, 24); // which the table leaves out
        int last = forge.EhFde(cie, 0x2000, 0x10, 0x0e, 32);
        CallFrameTable table = CallFrameTable.Open(forge.ToSections() with
        {
            EhFrameHeader = Header((0x1000, first), (0x2000, last)),
            EhFrameHeaderAddress = new ImageOffset(HeaderAddress),
        })!;

        Assert.Equal(16, FrameForge.Row(table, 0x1008).CfaOffset);
        Assert.Equal(32, FrameForge.Row(table, 0x200f).CfaOffset);
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(table, 0x1800));
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(table, 0x0fff));
        Assert.Equal(CallFrameLookup.NotFound, FrameForge.LookUp(table, 0x2010));
    }

    [Fact]
    public void ATableThatIsWrongIsNotBelieved()
    {
        var forge = new FrameForge();
        int cie = forge.EhCie(FrameForge.Entry);
        int first = forge.EhFde(cie, 0x1000, 0x10, 0x0e, 16);
        int last = forge.EhFde(cie, 0x2000, 0x10, 0x0e, 32);
        byte[] right = Header((0x1000, first), (0x2000, last));
        byte[] encoded = (byte[])right.Clone();
        encoded[3] = 0x0b;
        foreach (byte[] header in (byte[][])
        [
            Header((0x2000, last), (0x1000, first)), // not sorted
            Header((0x1000, last), (0x2000, first)), // of other descriptions
            Header((0x1000, 1 << 20), (0x2000, -5)), // outside the section
            encoded,
            right[..^1],
            right[..7],
            [],
        ])
        {
            CallFrameTable table = CallFrameTable.Open(forge.ToSections() with
            {
                EhFrameHeader = header,
                EhFrameHeaderAddress = new ImageOffset(HeaderAddress),
            })!;
            Assert.Equal(16, FrameForge.Row(table, 0x1008).CfaOffset);
            Assert.Equal(32, FrameForge.Row(table, 0x2008).CfaOffset);
        }
    }

    [Fact]
    public void NoSectionsNoTable()
    {
        Assert.Null(CallFrameTable.Open(new CallFrameSections()));
        CallFrameTable damaged = CallFrameTable.Open(new CallFrameSections { Problem = ".eh_frame: cut short" })!;
        Assert.Equal(CallFrameLookup.Malformed, FrameForge.LookUp(damaged, 0x1000));
    }

    private const ulong HeaderAddress = 0x0f_0000;

    private static byte[] Header(params (ulong Start, int Offset)[] entries)
    {
        var header = new ByteForge().Bytes(1, 0x1b, 0x03, 0x3b).UInt32((uint)(FrameForge.Address - HeaderAddress - 4)).UInt32((uint)entries.Length);
        foreach ((ulong start, int offset) in entries)
        {
            header.UInt32((uint)(start - HeaderAddress)).UInt32((uint)(FrameForge.Address - HeaderAddress) + (uint)offset);
        }

        return header.ToArray();
    }

    private static void AddEntry(ByteForge section, ByteForge content, bool is64Bit)
    {
        if (is64Bit)
        {
            section.UInt32(uint.MaxValue).UInt64((ulong)content.Length).Bytes(content.ToArray());
        }
        else
        {
            section.Sized(content);
        }
    }

    /// <summary>0x1000 and a length of 0x20.</summary>
    private static void WriteRange(ByteForge content, ulong place, byte encoding)
    {
        ulong start = 0x1000UL - (encoding & 0x70) switch { 0x10 => place, 0x20 => Text, 0x30 => Data, _ => 0 };
        if (encoding == 0x50)
        {
            while ((place & 7) != 0)
            {
                content.Bytes(0);
                place++;
            }
        }

        foreach (ulong value in (ulong[])[start, 0x20])
        {
            switch (encoding & 0x0f)
            {
                case 0x01:
                    content.Uleb128(value);
                    break;
                case 0x09: // both are positive here: one more bit for the sign
                    content.Bytes((byte)(value | 0x80), (byte)(value >> 7));
                    break;
                case 0x02 or 0x0a:
                    content.UInt16((int)value);
                    break;
                case 0x03 or 0x0b:
                    content.UInt32((uint)value);
                    break;
                default:
                    content.UInt64(value);
                    break;
            }
        }
    }

    private struct RowCounter : ICallFrameRowVisitor
    {
        public int Count;

        public void Visit(in CallFrameRow row) => Count++;
    }
}
