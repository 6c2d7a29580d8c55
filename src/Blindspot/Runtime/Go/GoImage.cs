using System.Diagnostics.CodeAnalysis;
using Blindspot.Image;
using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>What the Go reader asks of a module's file: bytes, symbols and types, wherever they come from.</summary>
public abstract class GoImage
{
    public abstract Module Module { get; }

    /// <summary>The file's readable segments: where they lie and how large they are in memory.</summary>
    public abstract IReadOnlyList<GoImageSegment> Segments { get; }

    /// <summary>PT_TLS: address, size in memory and alignment; null if the file has none.</summary>
    public abstract GoImageSegment? ThreadLocalSegment { get; }

    /// <summary>What the debug information tells; null without any.</summary>
    public abstract IGoTypes? Types { get; }

    /// <summary>A section's bytes and where it lies; false if the file has none of that name.</summary>
    public abstract bool TryReadSection(string name, out ImageOffset address, out ReadOnlyMemory<byte> bytes);

    /// <summary>A section's place, without reading it.</summary>
    public abstract bool TryFindSection(string name, out ImageOffset address, out ulong size);

    public abstract bool TryFindSymbol(string name, out ImageOffset address);

    /// <summary>Reads what the file holds at an address; returns how many bytes came.</summary>
    public abstract int Read(ImageOffset address, Span<byte> destination);

    public bool IsExecutable(ImageOffset address)
    {
        foreach (GoImageSegment segment in Segments)
        {
            if (segment.IsExecutable && segment.Contains(address))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The file's bytes from an address to the end of its segment, no more than <paramref name="limit"/>.</summary>
    public ReadOnlyMemory<byte> ReadFrom(ImageOffset address, long limit)
    {
        foreach (GoImageSegment segment in Segments)
        {
            if (segment.Contains(address))
            {
                long size = (long)Math.Min(segment.Address.Value + segment.Size - address.Value, (ulong)Math.Max(0, limit));
                byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Math.Min(size, Array.MaxLength));
                return bytes.AsMemory(0, Read(address, bytes));
            }
        }

        return default;
    }

    public bool TryReadUInt64(ImageOffset address, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bool read = Read(address, bytes) == 8;
        value = read ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return read;
    }
}
