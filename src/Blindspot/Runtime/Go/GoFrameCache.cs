using Blindspot.Image;
using Blindspot.Image.Pclntab;
using Blindspot.Primitives;

namespace Blindspot.Runtime.Go;

/// <summary>
/// What the function table tells of a code address, remembered: stacks of many goroutines go through few addresses.
/// Direct-mapped; for one thread at a time.
/// </summary>
internal sealed class GoFrameCache(GoRuntime go)
{
    private const int Slots = 1024;

    private readonly Entry[] _entries = new Entry[Slots];

    /// <summary>False where the address is no Go function's.</summary>
    public bool TryGet(TargetAddress lookupAddress, out Entry entry)
    {
        ulong key = lookupAddress.Value;
        ref Entry slot = ref _entries[(key ^ (key >> 10)) & (Slots - 1)];
        if (slot.Address != key)
        {
            slot = Find(lookupAddress);
        }

        entry = slot;
        return entry.IsGo;
    }

    private Entry Find(TargetAddress address)
    {
        if (!go.TryFindFunction(address, out GoFunctionTable? table, out GoFunction function, out Module? module))
        {
            return new Entry(address.Value, false, false, default, false, false, 0);
        }

        ImageOffset offset = module.ToImage(address);
        bool hasDepth = table.TryGetStackDepth(function, offset, out int depth);
        return new Entry(address.Value, true, function.Entry == offset, function.Kind, function.IsTopFrame, hasDepth, depth);
    }

    /// <param name="Address">The key.</param>
    /// <param name="IsGo">It lies in a Go function.</param>
    /// <param name="IsEntry">It is that function's first.</param>
    /// <param name="Depth">Bytes from the stack pointer to the return address; only with <paramref name="HasDepth"/>.</param>
    internal readonly record struct Entry(ulong Address, bool IsGo, bool IsEntry, GoFunctionKind Kind, bool IsTopFrame, bool HasDepth, int Depth);
}
