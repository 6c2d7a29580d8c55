using Blindspot.Image;
using Blindspot.Image.Pclntab;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>A module with Go code in it: the executable, a shared object or a plugin.</summary>
public sealed class GoModule
{
    /// <summary>Function tables of larger programs are cut here.</summary>
    private const long MaxTableBytes = 1L << 30;

    private GoModule(GoImage image, GoModuleData data, GoFunctionTable functions)
    {
        Image = image;
        Data = data;
        Functions = functions;
    }

    public GoImage Image { get; }

    public Module Module => Image.Module;

    public GoModuleData Data { get; }

    public GoFunctionTable Functions { get; }

    public bool Contains(TargetAddress pc) => pc >= Data.MinPc && pc < Data.MaxPc;

    /// <summary>
    /// Opens the function table that the runtime's record points to: from the file, whose pages cost the target nothing,
    /// else from the target's memory.
    /// </summary>
    /// <exception cref="MalformedDataException">The table is damaged.</exception>
    public static GoModule Open(GoImage image, GoModuleData data, TargetMemory memory)
    {
        Module module = image.Module;
        ImageOffset address = module.ToImage(data.Header);

        // The table lies within the module, whatever the record says.
        ulong wanted = data.PclnTable + data.PclnTableSize - data.Header;
        long size = (long)Math.Min((ulong)MaxTableBytes, Math.Min(wanted, module.End - data.Header));
        ReadOnlyMemory<byte> table = Read(image, memory, address, size);
        ReadOnlyMemory<byte> functionData = data.FunctionData.IsZero
            ? default
            : ReadFunctionData(image, data, table, address);
        bool isWithin = module.ToImage(data.FunctionData) - address < (ulong)table.Length;
        GoFunctionTable functions = GoFunctionTable.Open(
            table,
            address,
            module.ToImage(data.Text),
            functionData,
            TrackUse(image, address, table.Length),
            isWithin ? null : TrackUse(image, module.ToImage(data.FunctionData), functionData.Length));
        return new GoModule(image, data, functions);
    }

    private static UseMap? TrackUse(GoImage image, ImageOffset address, int length) =>
        image.Elf.TryGetFileOffset(address, out long offset, out long available) && available >= length
            ? image.Module.TrackUse(offset, length)
            : null;

    private static ReadOnlyMemory<byte> Read(GoImage image, TargetMemory memory, ImageOffset address, long size)
    {
        ReadOnlyMemory<byte> bytes = image.ReadFrom(address, size);
        if (bytes.Length == size)
        {
            return bytes;
        }

        byte[] copy = GC.AllocateUninitializedArray<byte>((int)size);
        return copy.AsMemory(0, memory.Read(image.Module.ToTarget(address), copy));
    }

    /// <summary>
    /// Since Go 1.26 the function data lie within the function table's section, before that in .rodata. Only inline
    /// trees are read from them, which no relocation touches.
    /// </summary>
    private static ReadOnlyMemory<byte> ReadFunctionData(GoImage image, GoModuleData data, ReadOnlyMemory<byte> table, ImageOffset address)
    {
        ImageOffset start = image.Module.ToImage(data.FunctionData);
        ulong into = start - address;
        return into < (ulong)table.Length
            ? table[(int)into..]
            : image.ReadFrom(start, start < address ? (long)Math.Min(address - start, (ulong)MaxTableBytes) : MaxTableBytes);
    }
}
