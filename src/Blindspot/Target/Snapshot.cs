using Blindspot.Primitives;

namespace Blindspot.Target;

/// <summary>
/// What was seen of a process at one moment: threads with registers, mappings, and its memory. The unwinder and the
/// runtimes' readers know only this, and not whether it comes from a live process, a core or a file.
/// </summary>
public abstract class Snapshot : IDisposable
{
    /// <summary>The process id as we see it; null where a core does not tell.</summary>
    public abstract int? Pid { get; }

    /// <summary>Path of the main executable inside the target's mount namespace; null if it is not known.</summary>
    public abstract string? ExecutablePath { get; }

    /// <summary>Path of the core file; null for a live process.</summary>
    public abstract string? CorePath { get; }

    public abstract TargetMemory Memory { get; }

    /// <summary>Sorted by address.</summary>
    public abstract IReadOnlyList<MemoryMapping> Mappings { get; }

    public abstract IReadOnlyList<ThreadSnapshot> Threads { get; }

    /// <summary>The auxiliary vector's entries by type (AT_ENTRY, AT_PHDR, AT_SYSINFO_EHDR …).</summary>
    public abstract IReadOnlyDictionary<ulong, ulong> AuxiliaryVector { get; }

    public abstract CaptureReport Capture { get; }

    /// <summary>True while the target may run on under us: tasks then need the stillness check.</summary>
    public abstract bool IsMoving { get; }

    public abstract GapLog Gaps { get; }

    /// <summary>
    /// Opens the file behind a mapping as the target sees it (map_files, or its own root), null where it cannot be had.
    /// </summary>
    public abstract ByteSource? OpenMappedFile(MemoryMapping mapping);

    /// <summary>
    /// Opens a file by its path inside the target's mount namespace (a debug file beside a library), null where it cannot
    /// be had. What it holds must be verified: nothing ties it to what was mapped.
    /// </summary>
    public virtual ByteSource? OpenFile(string path) => null;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
    }
}
