using Blindspot.Primitives;

namespace Blindspot.Image.Pclntab;

/// <summary>
/// The header of Go's function table (Go: src/runtime/symtab.go, pcHeader; src/cmd/link/internal/ld/pcln.go). Offsets
/// are in bytes from the table's start and have been checked to lie inside it.
/// </summary>
internal readonly record struct GoPclntabHeader(
    GoPclntabVersion Version,
    int FunctionCount,
    ulong TextStart,
    int Names,
    int CompilationUnits,
    int Files,
    int PcValues,
    int Functions)
{
    public const string Section = "pclntab";

    /// <summary>Bytes of the longest header.</summary>
    public const int MaxSize = 72;

    /// <summary>Entries of the function index hold absolute addresses of 8 bytes each, not offsets of 4.</summary>
    public bool HasAbsoluteEntries => Version is GoPclntabVersion.Go12 or GoPclntabVersion.Go116;

    /// <summary>True if the bytes begin like a table's header of 64-bit x86: magic, two zeros, quantum 1, pointers of 8.</summary>
    public static bool StartsLikeOne(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 16
        && bytes[0] is 0xfb or 0xfa or 0xf0 or 0xf1
        && bytes[1..8].SequenceEqual((ReadOnlySpan<byte>)[0xff, 0xff, 0xff, 0, 0, 1, 8]);

    public static GoPclntabHeader Read(ReadOnlySpan<byte> table)
    {
        ByteReader reader = new(table, Section);
        if (!StartsLikeOne(table))
        {
            reader.ThrowMalformed("this is no function table of 64-bit x86 Go");
        }

        GoPclntabVersion version = (GoPclntabVersion)reader.ReadUInt32();
        reader.Skip(4);
        ulong count = reader.ReadUInt64();
        int perFunction = version is GoPclntabVersion.Go12 or GoPclntabVersion.Go116 ? 16 : 8;
        if (count == 0 || count > (ulong)(table.Length / perFunction))
        {
            reader.ThrowMalformed($"{count} functions do not fit a table of {table.Length} bytes");
        }

        if (version == GoPclntabVersion.Go12)
        {
            return ReadGo12(table, (int)count);
        }

        reader.Skip(8); // nfiles: of the file table, in entries or bytes by version; nothing here needs it
        ulong textStart = version == GoPclntabVersion.Go116 ? 0 : reader.ReadUInt64();
        int names = ReadOffset(ref reader);
        int units = ReadOffset(ref reader);
        int files = ReadOffset(ref reader);
        int pcValues = ReadOffset(ref reader);
        int functions = ReadOffset(ref reader);
        if (names > units || units > files || files > pcValues || pcValues > functions)
        {
            reader.ThrowMalformed("the parts of the table are out of order");
        }

        CheckIndex(table, functions, (int)count, perFunction);
        return new GoPclntabHeader(version, (int)count, textStart, names, units, files, pcValues, functions);
    }

    /// <summary>Go 1.2's header is 16 bytes; the index follows, behind its last address the file table's offset.</summary>
    private static GoPclntabHeader ReadGo12(ReadOnlySpan<byte> table, int count)
    {
        CheckIndex(table, 16, count, 16);
        ByteReader reader = new(table, Section, 16L + (count * 16L) + 8);
        uint files = reader.ReadUInt32();
        if (files >= (uint)table.Length)
        {
            reader.ThrowMalformed("the file table lies outside");
        }

        return new GoPclntabHeader(GoPclntabVersion.Go12, count, 0, 0, 0, (int)files, 0, 16);
    }

    private static int ReadOffset(ref ByteReader reader)
    {
        ulong offset = reader.ReadUInt64();
        if (offset >= (ulong)reader.Length)
        {
            reader.ThrowMalformed($"a part of the table lies outside, at 0x{offset:x}");
        }

        return (int)offset;
    }

    private static void CheckIndex(ReadOnlySpan<byte> table, int start, int count, int perFunction)
    {
        long end = start + ((long)count * perFunction) + (perFunction / 2);
        if (end > table.Length)
        {
            throw new MalformedDataException(Section, start, $"the index of {count} functions reaches past the end ({table.Length} bytes)");
        }
    }
}
