using System.Buffers.Binary;
using Blindspot.Image.Elf;
using Blindspot.Image.Pclntab;
using Blindspot.Primitives;
using Blindspot.Primitives.Elf;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// Finds a module's moduledata in the target: by symbol, by its own section (Go 1.26 and later), else by looking
/// through the module's data for a record that agrees with the function table it points to.
/// </summary>
internal sealed class GoModuleDataFinder(TargetMemory memory, GoImage image, GoLayout? layout)
{
    // These offsets have been the same since Go 1.16 (src/runtime/symtab.go), so a record can be told before the
    // version is known. Fields behind them moved.
    private const int HeaderAt = 0;
    private const int PclnTableAt = 104;
    private const int FunctionTableAt = 128;
    private const int MinPcAt = 160;
    private const int MaxPcAt = 168;
    private const int TextAt = 176;
    private const int TextEndAt = 184;
    private const int PrefixSize = 192;

    /// <summary>Bytes of data that are looked through for the record.</summary>
    private const ulong MaxScan = 512UL << 20;

    private static readonly string[] SymbolNames = ["runtime.firstmoduledata", "local.moduledata", "local.pluginmoduledata"];

    public GoModuleData? Find()
    {
        foreach (string name in SymbolNames)
        {
            if (image.TryFindSymbol(name, out ImageOffset symbol) && Read(image.Module.ToTarget(symbol)) is { } bySymbol)
            {
                return bySymbol;
            }
        }

        if (image.Elf.TryGetSection(".go.module", out ElfSection? section) && Read(image.Module.ToTarget(section.Address)) is { } bySection)
        {
            return bySection;
        }

        // Mostly in .noptrdata, with position-independent code in .data.rel.ro: the writable segments come first.
        return Scan(writable: true) ?? Scan(writable: false);
    }

    /// <summary>The record at an address, null if what lies there is none.</summary>
    public GoModuleData? Read(TargetAddress address)
    {
        Span<byte> bytes = stackalloc byte[PrefixSize];
        if (!memory.TryReadExactly(address, bytes) || !IsRecord(bytes))
        {
            return null;
        }

        TargetAddress functionData = TargetAddress.Zero;
        TargetAddress? next = null;
        if (layout is not null
            && memory.TryReadAddress(address + (ulong)layout[GoField.ModuleFunctionData], out TargetAddress data)
            && memory.TryReadAddress(address + (ulong)layout[GoField.ModuleNext], out TargetAddress following))
        {
            functionData = data;
            next = following;
        }

        return new GoModuleData(
            address,
            At(bytes, HeaderAt),
            At(bytes, PclnTableAt),
            At(bytes, PclnTableAt + 8).Value,
            At(bytes, MinPcAt),
            At(bytes, MaxPcAt),
            At(bytes, TextAt),
            At(bytes, TextEndAt),
            functionData,
            next);
    }

    private static TargetAddress At(ReadOnlySpan<byte> bytes, int offset) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]));

    private GoModuleData? Scan(bool writable)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(1 << 20);
        TargetMemory search = memory.ForSearch;
        ulong left = MaxScan;
        foreach (ElfSegment segment in image.Segments)
        {
            if (segment.IsExecutable || segment.IsWritable != writable)
            {
                continue;
            }

            TargetAddress at = image.Module.ToTarget(new ImageOffset(segment.Address));
            TargetAddress end = at + Math.Min(segment.MemorySize, left);
            left -= end - at;
            at = new TargetAddress((at.Value + 7) & ~7UL);
            while (at < end)
            {
                int wanted = (int)Math.Min((ulong)buffer.Length, end - at);
                int read = search.Read(at, buffer.AsSpan(0, wanted));
                for (int i = 0; i <= read - PrefixSize; i += 8)
                {
                    if (IsRecord(buffer.AsSpan(i, PrefixSize)) && Read(at + (ulong)i) is { } found)
                    {
                        return found;
                    }
                }

                // Pieces overlap by a record; behind a page that can't be read, go on with the next.
                at = read == wanted && read > PrefixSize
                    ? at + (ulong)(wanted == buffer.Length ? read - PrefixSize + 8 : read)
                    : new TargetAddress((at.Value + (ulong)read + 0x1000) & ~0xfffUL);
            }
        }

        return null;
    }

    private bool IsRecord(ReadOnlySpan<byte> bytes)
    {
        TargetAddress text = At(bytes, TextAt);
        TargetAddress textEnd = At(bytes, TextEndAt);
        TargetAddress minPc = At(bytes, MinPcAt);
        TargetAddress maxPc = At(bytes, MaxPcAt);
        TargetAddress header = At(bytes, HeaderAt);
        TargetAddress table = At(bytes, PclnTableAt);

        // maxpc is the end of the last function, which may lie in padding behind etext's label by some bytes.
        if (text.IsZero || text > minPc || minPc >= maxPc || textEnd <= text || maxPc - text > (textEnd - text) + 4096
            || header < image.Module.Start || header >= image.Module.End
            || header > table || table - header > int.MaxValue
            || !image.Elf.IsExecutableAddress(image.Module.ToImage(text)) || !image.Elf.IsExecutableAddress(image.Module.ToImage(minPc))
            || !image.Elf.IsExecutableAddress(image.Module.ToImage(maxPc - 1)))
        {
            return false;
        }

        ulong functions = At(bytes, FunctionTableAt + 8).Value;
        Span<byte> head = stackalloc byte[16];
        return (image.Read(image.Module.ToImage(header), head) == head.Length || memory.TryReadExactly(header, head))
            && GoFunctionTable.IsHeader(head)
            && BinaryPrimitives.ReadUInt64LittleEndian(head[8..]) + 1 == functions;
    }
}
