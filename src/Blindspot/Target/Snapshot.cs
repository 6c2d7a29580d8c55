using System.Diagnostics.CodeAnalysis;
using Blindspot.Primitives;
using Blindspot.Target.Saved;

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

    /// <summary>Where it comes from if it was read from a file that Blindspot wrote; else null.</summary>
    public virtual SnapshotOrigin? Origin => null;

    /// <summary>The process's memory.</summary>
    public TargetMemory Memory => Logged(SourceMemory);

    /// <summary>Sorted by address.</summary>
    public abstract IReadOnlyList<MemoryMapping> Mappings { get; }

    public abstract IReadOnlyList<ThreadSnapshot> Threads { get; }

    /// <summary>The auxiliary vector's entries by type (AT_ENTRY, AT_PHDR, AT_SYSINFO_EHDR …).</summary>
    public abstract IReadOnlyDictionary<ulong, ulong> AuxiliaryVector { get; }

    public abstract CaptureReport Capture { get; }

    /// <summary>What the process does on each signal; null where that is not known.</summary>
    public virtual IReadOnlyList<SignalDisposition>? Dispositions => null;

    /// <summary>The timers that the process has as a whole, all three; null where they are not known.</summary>
    public virtual IReadOnlyList<IntervalTimer>? IntervalTimers => null;

    /// <summary>CLOCK_MONOTONIC of the target's machine at the snapshot, in nanoseconds; null where it is not known (a core).</summary>
    public virtual long? MonotonicNanoseconds => null;

    /// <summary>True while the target may run on under us: tasks then need the stillness check.</summary>
    public abstract bool IsMoving { get; }

    public abstract GapLog Gaps { get; }

    /// <summary>Notes what is read, to be saved; null when nobody asked for that.</summary>
    public ReadLog? Log { get; private set; }

    /// <summary>Contents of memory are not to be read, or are not there: only addresses and the structure of runtimes.</summary>
    public bool IsRedacted => Log?.IsRedacted ?? Origin?.IsRedacted ?? false;

    /// <summary>What is known of mapped files besides what <see cref="OpenMappedFile"/> gives of them.</summary>
    public FileFacts Facts { get; private protected set; } = FileFacts.None;

    /// <summary>The process's memory, whether what is read of it is noted or not.</summary>
    protected internal abstract TargetMemory SourceMemory { get; }

    /// <summary>Notes in <paramref name="log"/> whatever is read from now on.</summary>
    public void LogReads(ReadLog log)
    {
        Log = log;
        Facts = Facts.NotedIn(log);
    }

    /// <summary>How sure what is known of a task is, in a snapshot that does not move.</summary>
    public virtual Consistency ConsistencyOf(TargetAddress task) => Consistency.Exact;

    /// <summary>
    /// How an address of native code was named where the snapshot was saved; false where that is not known, and in all
    /// others.
    /// </summary>
    public virtual bool TryGetSavedNames(TargetAddress address, [NotNullWhen(true)] out IReadOnlyList<CodeName>? names)
    {
        names = null;
        return false;
    }

    /// <summary>
    /// Opens the file behind a mapping as the target sees it (map_files, or its own root), null where it cannot be had.
    /// </summary>
    public ByteSource? OpenMappedFile(MemoryMapping mapping) =>
        OpenSourceFile(mapping) is not { } file ? null : Log is null ? file : Log.Over(file, mapping);

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

    protected abstract ByteSource? OpenSourceFile(MemoryMapping mapping);

    /// <summary>A memory of this snapshot, so that what is read of it is noted if anything is.</summary>
    protected TargetMemory Logged(TargetMemory memory) => Log is null ? memory : Log.Over(memory);

    protected virtual void Dispose(bool disposing)
    {
    }
}
