using System.Buffers.Binary;
using Blindspot.Image;
using Blindspot.Image.Elf;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;

namespace Blindspot.Runtime.Go;

/// <summary>What the Go reader asks of a module's file. Damaged sections count as missing ones, with a gap.</summary>
public sealed class GoImage
{
    private readonly GapLog _gaps;

    /// <param name="module">A module whose file could be had.</param>
    /// <param name="elf">That file.</param>
    /// <param name="types">What its debug information tells; null without any.</param>
    public GoImage(Module module, ElfImage elf, IGoTypes? types, GapLog gaps)
    {
        Module = module;
        Elf = elf;
        Types = types;
        _gaps = gaps;
    }

    public Module Module { get; }

    public ElfImage Elf { get; }

    public IGoTypes? Types { get; }

    public IReadOnlyList<ElfSegment> Segments => Elf.LoadSegments;

    /// <summary>A section's bytes and where it lies; false if the file has none of that name.</summary>
    public bool TryReadSection(string name, out ImageOffset address, out ReadOnlyMemory<byte> bytes)
    {
        try
        {
            if (Elf.TryGetSection(name, out ElfSection? section) && section.HasContents)
            {
                address = section.Address;
                bytes = Elf.ReadSection(section);
                return true;
            }
        }
        catch (MalformedDataException e)
        {
            _gaps.Add("runtime", "section-malformed", $"{Module.Path}: {e.Message}.");
        }

        address = default;
        bytes = default;
        return false;
    }

    /// <summary>The address lies where the program's variables are.</summary>
    public bool IsVariable(ImageOffset address)
    {
        foreach (ElfSegment segment in Segments)
        {
            if (segment.IsWritable && segment.Contains(address.Value))
            {
                return true;
            }
        }

        return false;
    }

    public bool TryFindSymbol(string name, out ImageOffset address) => Module.TryFindSymbol(name, out address);

    /// <summary>Reads what the file holds at an address; returns how many bytes came.</summary>
    public int Read(ImageOffset address, Span<byte> destination) => Elf.Read(address, destination);

    /// <summary>The file's bytes from an address to the end of its segment, no more than <paramref name="limit"/>.</summary>
    public ReadOnlyMemory<byte> ReadFrom(ImageOffset address, long limit)
    {
        if (!Elf.TryGetFileOffset(address, out _, out long available))
        {
            return default;
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)Math.Clamp(Math.Min(available, limit), 0, Array.MaxLength));
        return bytes.AsMemory(0, Read(address, bytes));
    }

    public bool TryReadUInt64(ImageOffset address, out ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        bool read = Read(address, bytes) == bytes.Length;
        value = read ? BinaryPrimitives.ReadUInt64LittleEndian(bytes) : 0;
        return read;
    }
}
