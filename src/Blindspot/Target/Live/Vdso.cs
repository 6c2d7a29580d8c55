using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// The vDSO is one image of the kernel in every process of an architecture, so ours serves for the target's, whose
/// pages need not be touched then.
/// </summary>
internal static class Vdso
{
    private const string Name = "[vdso]";
    private const ulong MaxBytes = 1 << 20;

    /// <summary>Where the target has it, and its bytes; no bytes where it has none, or one that differs in size.</summary>
    internal static (TargetAddress Start, byte[] Bytes) Find(IReadOnlyList<MemoryMapping> mappings)
    {
        MemoryMapping? theirs = Find(mappings, Name);
        byte[]? text = theirs is null ? null : RawFile.ReadWhole("/proc/self/maps", 1 << 26, out _);
        MemoryMapping? ours = text is null ? null : Find(ProcMaps.Parse(text, int.MaxValue, out _), Name);
        return theirs is not null && ours is not null && ours.IsReadable && ours.Size == theirs.Size && ours.Size <= MaxBytes
            ? (theirs.Start, ProcessMemory.CopyOwn(ours.Start.Value, (int)ours.Size))
            : (TargetAddress.Zero, []);
    }

    private static MemoryMapping? Find(IReadOnlyList<MemoryMapping> mappings, string name)
    {
        foreach (MemoryMapping mapping in mappings)
        {
            if (mapping.Path == name)
            {
                return mapping;
            }
        }

        return null;
    }
}
