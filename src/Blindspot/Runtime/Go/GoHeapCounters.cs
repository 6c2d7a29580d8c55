using System.Buffers.Binary;
using Blindspot.Primitives;
using Blindspot.Target;

namespace Blindspot.Runtime.Go;

/// <summary>
/// The counters of memory in runtime.gcController (Go: src/runtime/mgcpacer.go, gcControllerState, from 1.19 on), in bytes.
/// </summary>
internal readonly record struct GoHeapCounters(ulong Ready, ulong InUse, ulong Free, ulong Released)
{
    private const ulong LargestAddressSpace = 1UL << 57;
    private const ulong PageMask = (8 << 10) - 1;

    /// <summary>Tries before counters that do not agree are believed to be none: they are changed one by one.</summary>
    private const int Tries = 4;

    /// <summary>Whether they can be those of a heap: whole pages, and no more in use than mapped.</summary>
    public bool Agree =>
        InUse > 0
        && Ready < LargestAddressSpace && InUse < LargestAddressSpace && Free < LargestAddressSpace && Released < LargestAddressSpace
        && ((InUse | Free | Released) & PageMask) == 0
        && InUse + Free <= Ready;

    /// <summary>Reads counters that agree; false where there are none.</summary>
    public static bool TryRead(TargetMemory memory, GoLayout layout, TargetAddress controller, out GoHeapCounters counters)
    {
        counters = default;
        int end = layout.EndOf(GoField.MemoryReady, GoField.MemoryHeapInUse, GoField.MemoryHeapFree, GoField.MemoryHeapReleased);
        byte[] bytes = new byte[end];
        for (int i = 0; i < Tries; i++)
        {
            if (end == 0 || !memory.TryReadExactly(controller, bytes))
            {
                return false;
            }

            counters = new GoHeapCounters(
                Field(GoField.MemoryReady), Field(GoField.MemoryHeapInUse), Field(GoField.MemoryHeapFree), Field(GoField.MemoryHeapReleased));
            if (counters.Agree)
            {
                return true;
            }
        }

        return false;

        ulong Field(GoField field) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(layout[field]));
    }
}
