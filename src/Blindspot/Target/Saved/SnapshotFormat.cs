namespace Blindspot.Target.Saved;

/// <summary>
/// The outlines of a saved snapshot; docs/formats/snapshot.md describes all of it. A header, then blocks of data, each a
/// zstd frame with a checksum of its contents, then the index, such a frame too, and a footer that leads to it.
/// </summary>
internal static class SnapshotFormat
{
    /// <summary>Files with another major version are refused.</summary>
    public const ushort Version = 1;

    public const int HeaderSize = 16;
    public const int FooterSize = 32;

    /// <summary>Bytes of data in a block, before compression; the last one may have fewer.</summary>
    public const int BlockBytes = 256 << 10;

    /// <summary>An index may be as large in any case.</summary>
    public const uint SmallIndexBytes = 16 << 20;

    /// <summary>A larger index is no more than this many times its compressed size.</summary>
    public const uint MaxIndexRatio = 1000;

    /// <summary>Like that of PNG: a byte above 127 and line ends tell of transfers that take it for text.</summary>
    public static ReadOnlySpan<byte> Magic => [0x8e, (byte)'B', (byte)'S', (byte)'P', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    public static ReadOnlySpan<byte> EndMagic => "BSP-END\n"u8;

    /// <summary>Parts of the index. A reader skips those that it does not know.</summary>
    internal enum Part
    {
        Origin = 1,
        Process = 2,
        AuxiliaryVector = 3,
        Mappings = 4,
        Threads = 5,
        Dispositions = 6,
        Gaps = 7,
        Tasks = 8,
        Memory = 9,
        Files = 10,
        Names = 11,
        Blocks = 12,
        ProcFiles = 13,
        IntervalTimers = 14,
    }
}
