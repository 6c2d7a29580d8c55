using System.Buffers.Binary;
using System.Text;

namespace Blindspot.Tests.Image.Pclntab;

/// <summary>
/// Function tables made by hand, of every format: two functions, main.first of 0x20 bytes at 0x1000 and main.second of
/// 0x30 behind it, in file /src/main.go. The frame of the first grows to 24 bytes at 0x1004; its line is 10, from 0x1010
/// on 12; in formats that can tell, [0x1008, 0x1010) are inlined from main.inner, called at 0x1002.
/// </summary>
internal static class ForgedGoTable
{
    public const ulong Text = 0x1000;

    public static byte[] Build(uint magic)
    {
        bool isGo12 = magic == 0xfffffffb;
        bool isAbsolute = isGo12 || magic == 0xfffffffa;
        List<byte> bytes = [];
        UInt32(bytes, magic);
        bytes.AddRange([0, 0, 1, 8]);
        UInt64(bytes, 2);
        return isGo12 ? BuildGo12(bytes) : BuildLater(bytes, magic, isAbsolute);
    }

    /// <summary>An inline tree of one call of main.inner, as Go 1.18 and 1.20 write it.</summary>
    public static byte[] InlineTree(uint magic)
    {
        List<byte> bytes = [];
        if (magic == 0xfffffff0)
        {
            bytes.AddRange([0xff, 0xff, 0, 0]);
            UInt32(bytes, 0);
            UInt32(bytes, 10);
        }
        else
        {
            UInt32(bytes, 0);
        }

        UInt32(bytes, NameOffset("main.inner"));
        UInt32(bytes, 2);
        UInt32(bytes, 1);
        return [.. bytes];
    }

    private static byte[] BuildLater(List<byte> bytes, uint magic, bool isAbsolute)
    {
        bool hasStartLine = magic == 0xfffffff1;
        int header = bytes.Count + 8 + (isAbsolute ? 0 : 8) + (5 * 8);
        byte[] names = Encoding.UTF8.GetBytes("main.first\0main.second\0main.inner\0");
        byte[] units = new byte[4];
        byte[] files = Encoding.UTF8.GetBytes("/src/main.go\0");
        byte[] pcValues = PcValues();
        UInt64(bytes, 1);
        if (!isAbsolute)
        {
            UInt64(bytes, Text);
        }

        int at = header;
        foreach (int size in (int[])[names.Length, units.Length, files.Length, pcValues.Length])
        {
            UInt64(bytes, (ulong)at);
            at += size;
        }

        UInt64(bytes, (ulong)at);
        bytes.AddRange(names);
        bytes.AddRange(units);
        bytes.AddRange(files);
        bytes.AddRange(pcValues);

        // The index, then the records; offsets count from here.
        int index = (2 * (isAbsolute ? 16 : 8)) + (isAbsolute ? 8 : 4);
        List<byte> records = [];
        List<int> starts = [];
        foreach (string name in (string[])["main.first", "main.second"])
        {
            starts.Add(index + records.Count);
            Record(records, name, isAbsolute, hasUnit: true, hasStartLine, NameOffset(name));
        }

        Index(bytes, starts, isAbsolute);
        bytes.AddRange(records);
        return [.. bytes];
    }

    private static byte[] BuildGo12(List<byte> bytes)
    {
        // Everything counts from the table's start: index, offset of the files, records, strings, values.
        int records = bytes.Count + 40 + 4;
        const int recordSize = 40 + 12;
        int strings = records + (2 * recordSize);
        byte[] names = Encoding.UTF8.GetBytes("main.first\0main.second\0/src/main.go\0");
        int files = strings + names.Length;
        int values = files + 8;
        Index(bytes, [records, records + recordSize], isAbsolute: true);
        UInt32(bytes, (uint)files);
        Record(bytes, "main.first", true, false, false, (uint)strings, (uint)values);
        Record(bytes, "main.second", true, false, false, (uint)strings + 11, (uint)values);
        bytes.AddRange(names);
        UInt32(bytes, (uint)(strings + 23)); // file numbers count from 0 here
        UInt32(bytes, 0);
        bytes.AddRange(PcValues());
        return [.. bytes];
    }

    private static void Index(List<byte> bytes, List<int> starts, bool isAbsolute)
    {
        ulong[] entries = isAbsolute ? [Text, Text + 0x20, Text + 0x50] : [0, 0x20, 0x50];
        for (int i = 0; i < 3; i++)
        {
            if (isAbsolute)
            {
                UInt64(bytes, entries[i]);
            }
            else
            {
                UInt32(bytes, (uint)entries[i]);
            }

            if (i < 2 && isAbsolute)
            {
                UInt64(bytes, (ulong)starts[i]);
            }
            else if (i < 2)
            {
                UInt32(bytes, (uint)starts[i]);
            }
        }
    }

    private static void Record(
        List<byte> bytes, string name, bool isAbsolute, bool hasUnit, bool hasStartLine, uint nameOffset, uint values = 0)
    {
        bool isFirst = name == "main.first";
        ulong entry = isFirst ? 0UL : 0x20;
        if (isAbsolute)
        {
            UInt64(bytes, Text + entry);
        }
        else
        {
            UInt32(bytes, (uint)entry);
        }

        UInt32(bytes, nameOffset);
        UInt32(bytes, 0);
        UInt32(bytes, 0);
        UInt32(bytes, isFirst ? values + 1 : 0);
        UInt32(bytes, values + 6);
        UInt32(bytes, values + 9);
        UInt32(bytes, 3);
        if (hasUnit)
        {
            UInt32(bytes, 0);
        }

        if (hasStartLine)
        {
            UInt32(bytes, 10);
        }

        bytes.AddRange([0, isFirst ? (byte)4 : (byte)0, 0, 4]);
        UInt32(bytes, 0);
        UInt32(bytes, 0);
        UInt32(bytes, isFirst ? values + 14 : 0);
        if (hasUnit)
        {
            for (int i = 0; i < 4; i++)
            {
                UInt32(bytes, i == 3 ? 0 : uint.MaxValue);
            }
        }
    }

    /// <summary>Stack depths at 1, file numbers at 6, lines at 9, indexes into the inline tree at 14.</summary>
    private static byte[] PcValues() =>
    [
        0,
        2, 4, 48, 28, 0, // -1 + 1 = 0 up to 4, 0 + 24 = 24 up to 32
        2, 80, 0, // 0 all along
        22, 16, 4, 64, 0, // 10 up to 16, then 12
        0, 8, 2, 8, 1, 64, 0, // -1 up to 8, 0 up to 16, -1 again
    ];

    private static uint NameOffset(string name) => name switch
    {
        "main.first" => 0,
        "main.second" => 11,
        _ => 23,
    };

    private static void UInt32(List<byte> bytes, uint value)
    {
        Span<byte> raw = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(raw, value);
        bytes.AddRange(raw);
    }

    private static void UInt64(List<byte> bytes, ulong value)
    {
        Span<byte> raw = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(raw, value);
        bytes.AddRange(raw);
    }
}
