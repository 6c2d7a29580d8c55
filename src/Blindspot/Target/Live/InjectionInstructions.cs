using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// Instructions that the target has already and that are enough to make it do a system call and go back to where it was;
/// nothing of its code is changed. Every C library has both, and so has every Go program.
/// </summary>
/// <param name="Call">syscall; ret.</param>
/// <param name="Restorer">mov $15, %rax; syscall: where signal handlers return to.</param>
/// <param name="Restorers">All that were found of the latter, to tell a signal handler's stack by.</param>
internal sealed record InjectionInstructions(TargetAddress Call, TargetAddress Restorer, IReadOnlySet<ulong> Restorers)
{
    private const int ChunkBytes = 1 << 20;
    private const long MaxBytes = 64 << 20;

    internal static ReadOnlySpan<byte> CallBytes => [0x0f, 0x05, 0xc3];

    internal static ReadOnlySpan<byte> RestorerBytes => [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05];

    /// <summary>Looks into the files that code is mapped from, C libraries first; null where there are none such.</summary>
    internal static InjectionInstructions? Find(
        TargetProcess process, IReadOnlyList<MemoryMapping> mappings, Func<MemoryMapping, ByteSource?> openFile)
    {
        byte[] buffer = GC.AllocateUninitializedArray<byte>(ChunkBytes);
        TargetAddress? call = null;
        TargetAddress? restorer = null;
        HashSet<ulong> restorers = [];
        long left = MaxBytes;
        foreach (MemoryMapping mapping in InOrder(mappings))
        {
            using ByteSource? file = openFile(mapping);
            if (file is null)
            {
                continue;
            }

            long length = Math.Min(left, Math.Min((long)mapping.Size, file.Length - (long)mapping.FileOffset));
            left -= Math.Max(0, length);
            for (long at = 0; at < length; at += ChunkBytes - RestorerBytes.Length)
            {
                int read = file.Read((long)mapping.FileOffset + at, buffer.AsSpan(0, (int)Math.Min(ChunkBytes, length - at)));
                Span<byte> text = buffer.AsSpan(0, Math.Max(0, read));
                call ??= First(process, mapping, at, text, CallBytes);
                restorer ??= First(process, mapping, at, text, RestorerBytes);
                AddAll(mapping, at, text, restorers);
            }
        }

        return call is { } found && restorer is { } back ? new InjectionInstructions(found, back, restorers) : null;
    }

    private static IEnumerable<MemoryMapping> InOrder(IReadOnlyList<MemoryMapping> mappings) =>
        mappings.Where(mapping => mapping.IsExecutable && mapping.IsReadable && mapping.IsFile).OrderBy(mapping => IsCLibrary(mapping.Path) ? 0 : 1);

    private static bool IsCLibrary(string path) => path[(path.LastIndexOf('/') + 1)..] is string name
        && (name.StartsWith("libc.", StringComparison.Ordinal) || name.StartsWith("libc-", StringComparison.Ordinal)
            || name.StartsWith("ld-musl", StringComparison.Ordinal));

    // What is in the file need not be in memory any more: a debugger or an instrumentation tool may have patched it.
    private static TargetAddress? First(
        TargetProcess process, MemoryMapping mapping, long offset, ReadOnlySpan<byte> text, ReadOnlySpan<byte> pattern)
    {
        int at = text.IndexOf(pattern);
        if (at < 0)
        {
            return null;
        }

        TargetAddress address = mapping.Start + (ulong)(offset + at);
        Span<byte> there = stackalloc byte[pattern.Length];
        return ProcessMemory.Read(process.MemoryThread, address.Value, there, out _) == there.Length && there.SequenceEqual(pattern)
            ? address
            : null;
    }

    private static void AddAll(MemoryMapping mapping, long offset, ReadOnlySpan<byte> text, HashSet<ulong> into)
    {
        int from = 0;
        while (text[from..].IndexOf(RestorerBytes) is >= 0 and int at)
        {
            into.Add((mapping.Start + (ulong)(offset + from + at)).Value);
            from += at + 1;
        }
    }
}
