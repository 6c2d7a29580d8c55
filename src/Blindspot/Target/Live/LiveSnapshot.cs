using System.Diagnostics;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Target.Live;

/// <summary>
/// A process looked at while it runs. Threads come as possibly torn and earn a better grade: read what is wanted of
/// them, then call <see cref="CheckStillness"/>; those that it returns ran meanwhile, so take their registers anew by
/// <see cref="RefreshThreads"/>, read them again, check again, a few times; or stop the last ones one by one with
/// <see cref="StopAndRead"/>. Not thread-safe but for <see cref="Snapshot.Memory"/>.
/// </summary>
public sealed class LiveSnapshot : Snapshot
{
    private const long InjectionAllocations = 8 << 20;

    private static readonly Comparison<ReadRequest> ByAddress = static (left, right) => left.Address.CompareTo(right.Address);

    private readonly TargetProcess _process;
    private readonly ThreadObserver _observer;
    private readonly LiveMemory _live;
    private readonly TargetFiles _files;
    private readonly ProcDirectory _directory;
    private readonly Limits _limits;
    private readonly List<ThreadObservation> _observations = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Dictionary<int, int> _indexByTid = [];
    private ThreadSnapshot[] _threads = [];
    private IReadOnlyList<SignalDisposition>? _dispositions;
    private IReadOnlyList<IntervalTimer>? _intervalTimers;
    private RunMark[] _marks = [];
    private StackCopies? _copies;
    private string _how;
    private int _threadsStopped;
    private TimeSpan _longestStop;
    private bool _isStopped;

    private LiveSnapshot(
        TargetProcess process, ThreadObserver observer, List<MemoryMapping> mappings, IReadOnlyDictionary<ulong, ulong> auxiliary, GapLog gaps, Limits limits)
    {
        _process = process;
        _observer = observer;
        _how = observer.How;
        _limits = limits;
        Gaps = gaps;
        Mappings = mappings;
        AuxiliaryVector = auxiliary;
        _live = LiveMemory.Open(process, mappings, gaps);
        _files = new TargetFiles(process, gaps);
        _directory = new ProcDirectory(process, gaps, limits);
    }

    public override int? Pid => _process.Pid;

    public override string? ExecutablePath => _process.ExecutablePath;

    public override string? CorePath => null;

    protected internal override TargetMemory SourceMemory => _copies is null ? _live : _copies;

    public override IReadOnlyList<MemoryMapping> Mappings { get; }

    /// <summary>Sorted by id.</summary>
    public override IReadOnlyList<ThreadSnapshot> Threads => _threads;

    public override IReadOnlyDictionary<ulong, ulong> AuxiliaryVector { get; }

    public override CaptureReport Capture => new(_how, _threadsStopped, _longestStop, Stopwatch.GetElapsedTime(_started));

    public override bool IsMoving => !_isStopped;

    public override GapLog Gaps { get; }

    public TargetProcess Process => _process;

    /// <summary>Null where the tier does not tell and <see cref="ReadSignalsByInjection"/> has not been called.</summary>
    public override IReadOnlyList<SignalDisposition>? Dispositions => _dispositions ?? _observer.Dispositions;

    /// <summary>Null before <see cref="ReadSignalsByInjection"/>.</summary>
    public override IReadOnlyList<IntervalTimer>? IntervalTimers => _intervalTimers ?? _observer.IntervalTimers;

    /// <inheritdoc/>
    /// <remarks>.NET's timestamp is CLOCK_MONOTONIC in nanoseconds on Linux.</remarks>
    public override long? MonotonicNanoseconds => Stopwatch.Frequency == 1_000_000_000 ? _started : null;

    public override ByteSource? OpenFile(string path) => _files.Open(path);

    protected override ByteSource? OpenSourceFile(MemoryMapping mapping) => _files.OpenMapped(mapping);

    protected override byte[]? ReadSourceProcFile(ProcFile file)
    {
        byte[]? text = _directory.Read(file);

        // Another program's, if it started one (execve) meanwhile.
        return text is null || CheckAlive() ? text : null;
    }

    /// <summary>
    /// Looks again at the threads that are still graded possibly torn. One that did not run since its registers were
    /// taken becomes still: what was read of its stack meanwhile is exact. Returns the ids of those that ran.
    /// </summary>
    public IReadOnlyList<int> CheckStillness()
    {
        if (!CheckAlive())
        {
            return [];
        }

        _observer.Observe(_observations);
        List<int> torn = [];
        int started = 0;
        bool[] isSeen = new bool[_threads.Length];
        foreach (ThreadObservation now in _observations)
        {
            if (!_indexByTid.TryGetValue(now.Thread.Tid, out int index))
            {
                started++;
                continue;
            }

            isSeen[index] = true;
            if (_threads[index].Consistency != Consistency.PossiblyTorn)
            {
                continue;
            }

            if (_threads[index].State64 is not null && now.Mark.ProvesStillSince(_marks[index]))
            {
                _threads[index] = _threads[index] with { Consistency = Consistency.Still };
            }
            else
            {
                torn.Add(now.Thread.Tid);
            }
        }

        ReportChanges(started, isSeen.AsSpan().Count(false));
        return torn;
    }

    /// <summary>How threads are now; those that have ended are missing. <see cref="Threads"/> stays as it was.</summary>
    public IReadOnlyList<ThreadSnapshot> LookAt(IReadOnlyCollection<int> tids)
    {
        _observer.Observe(tids, _observations);
        return [.. _observations.Select(static observation => observation.Thread)];
    }

    /// <summary>Takes registers, state and marks of the given threads anew. Those that have ended stay as they were.</summary>
    public void RefreshThreads(IReadOnlyCollection<int> tids)
    {
        _observer.Observe(tids, _observations);
        foreach (ThreadObservation now in _observations)
        {
            if (_indexByTid.TryGetValue(now.Thread.Tid, out int index))
            {
                _threads[index] = now.Thread with { AlternateStack = now.Thread.AlternateStack ?? _threads[index].AlternateStack };
                _marks[index] = now.Mark;
            }
        }

    }

    /// <summary>
    /// Reads <see cref="Dispositions"/> and <see cref="IntervalTimers"/> by having one thread of the target do system calls
    /// that only read; it is stopped for about as many milliseconds as a hundred such calls take, the others run on. Where no
    /// thread can be asked with safety, a gap says why, and they stay as they were. Not while all threads are stopped.
    /// </summary>
    /// <param name="options">How long to wait for the stop, and the longest that it may last.</param>
    /// <param name="withAlternateStacks">
    /// Ask also each thread in turn for its alternate stack: as many short stops as there are threads. Those that cannot be
    /// asked with safety keep what was known of them; a gap counts them.
    /// </param>
    public void ReadSignalsByInjection(CaptureOptions options, bool withAlternateStacks = false)
    {
        if (_isStopped)
        {
            throw new InvalidOperationException("a thread has one tracer, and is stopped by it");
        }

        if (!CheckAlive())
        {
            return;
        }

        InjectedSignalReader reader = new(_process, options, _limits, Gaps, OpenSourceFile, CountStop);
        List<int> tids = [.. _threads.Select(thread => thread.Tid)];
        using CollectionPause pause = CollectionPause.Begin(InjectionAllocations);
        if (reader.ReadProcess(tids) is not { } answers)
        {
            return;
        }

        (_dispositions, _intervalTimers) = answers;
        _how = "stop";
        if (!withAlternateStacks)
        {
            return;
        }

        foreach ((int tid, AlternateStack? stack) in reader.ReadAlternateStacks(tids))
        {
            int index = _indexByTid[tid];
            _threads[index] = _threads[index] with { AlternateStack = stack ?? new AlternateStack(TargetAddress.Zero, 0) };
        }
    }

    /// <summary>
    /// Stops one thread for a moment (1-2 ms), takes its registers and a copy of its stack, and lets it go. The thread in
    /// <see cref="Threads"/> becomes exact. Null if that cannot be done; a gap says why.
    /// </summary>
    /// <param name="whileStopped">
    /// Called while the thread stands, for what must be read together with it: with the thread and its memory. It runs on
    /// another thread of ours than the caller's, which waits.
    /// </param>
    public ExactThread? StopAndRead(int tid, CaptureOptions options, Action<ThreadSnapshot, TargetMemory>? whileStopped = null)
    {
        if (!_indexByTid.TryGetValue(tid, out int index))
        {
            return null;
        }

        StackCopies memory = new(_live, GC.AllocateUninitializedArray<byte>(options.StackBytes));
        ReadRequest[] request = new ReadRequest[1];
        Tracee? stopped = ExactStop.TryStop(
            _process,
            tid,
            options.StopWait,
            tracee =>
            {
                request[0] = StackRequest(new TargetAddress(tracee.Registers.Rsp), options.StackBytes);
                memory.Copy(request);
                whileStopped?.Invoke(
                    _threads[index] with { State64 = LiveRegisters.ToState64(tracee.Registers), Consistency = Consistency.Exact },
                    Logged(memory));
            },
            out string? reason);
        if (stopped is not { } last)
        {
            Gaps.Add("target", "thread-not-stopped", $"Thread {tid} could not be stopped for an exact look: {reason}");
            return null;
        }

        _threads[index] = _threads[index] with { State64 = LiveRegisters.ToState64(last.Registers), Consistency = Consistency.Exact };
        CountStop(last.StoppedFor);
        return new ExactThread(_threads[index], memory, last.StoppedFor);
    }

    /// <summary>Looks at all threads and mappings of a process; owns the observer from then on, also when it throws.</summary>
    /// <exception cref="BlindspotException">The process ended meanwhile.</exception>
    internal static LiveSnapshot Take(TargetProcess process, ThreadObserver observer, GapLog gaps, Limits limits)
    {
        LiveSnapshot? snapshot = null;
        try
        {
            List<MemoryMapping>? mappings = ProcMaps.Read(process.MemoryThread, limits, gaps, out Errno error);
            if (mappings is null)
            {
                throw error is Errno.NotPermitted or Errno.AccessDenied
                    ? new BlindspotException($"The {process} may not be read any more ({error.Describe()}): it changed its user or its rights meanwhile. Run as root or with CAP_SYS_PTRACE (sudo).")
                    : Ended(process);
            }

            // It may have started another program since it was opened.
            byte[]? auxiliary = ProcAuxiliaryVector.Read(process.MemoryThread, out _);
            snapshot = new LiveSnapshot(
                process, observer, mappings, auxiliary is null ? process.AuxiliaryVector : ProcAuxiliaryVector.Parse(auxiliary), gaps, limits);
            snapshot.ObserveAll();
            return snapshot._threads.Length > 0 && !process.HasExited ? snapshot : throw Ended(process);
        }
        catch
        {
            snapshot?._live.Dispose();
            snapshot?._files.Dispose();
            snapshot?._directory.Dispose();
            observer.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Stops all threads, takes their registers and copies of their stacks, calls <paramref name="whileStopped"/>, and
    /// lets them go.
    /// </summary>
    /// <exception cref="BlindspotException">It may not be traced, or is traced already; it runs on.</exception>
    public void StopAll(CaptureOptions options, Action<LiveSnapshot>? whileStopped)
    {
        int expected = _threads.Length;
        int perThread = Math.Clamp(options.AllStackBytes / Math.Max(1, expected), 4 << 10, options.StackBytes);
        int room = expected + expected / 4 + 64;
        byte[] buffer = GC.AllocateUninitializedArray<byte>((int)Math.Min(Array.MaxLength, (long)room * perThread));
        for (int i = 0; i < buffer.Length; i += 4096)
        {
            buffer[i] = 1;
        }

        ReadRequest[] requests = new ReadRequest[room];
        StackCopies copies = new(_live, buffer);
        using StopWindow window = StopWindow.Open(_process, options, _limits, expected);
        int count = RequestStacks(window.Tracees, requests.AsSpan(0, Math.Min(room, buffer.Length / perThread)), perThread);
        copies.Copy(requests.AsSpan(0, count));
        bool isWhole = window.IsOpen;
        _copies = copies;
        TakeStopped(window.Tracees, isWhole);
        if (whileStopped is not null)
        {
            _isStopped = isWhole;
            whileStopped(this);
            isWhole &= window.IsOpen;
            _isStopped = false;
        }

        window.Close();
        _how = "stop";
        foreach (ref readonly Tracee tracee in window.Tracees)
        {
            if (tracee.ReleasedAt != 0)
            {
                CountStop(tracee.StoppedFor);
            }
        }

        if (!isWhole)
        {
            Gaps.Add(
                "target",
                "stop-too-short",
                $"Reading was not done when the target had been stopped for {options.StopBudget.TotalMilliseconds:0} ms and was let go: what was read after that may be torn.");
        }

        if (window.Unstopped > 0)
        {
            Gaps.Add("target", "threads-not-stopped", $"{window.Unstopped} threads did not stop in time (an uninterruptible wait in the kernel).");
        }

    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _live.Dispose();
            _files.Dispose();
            _directory.Dispose();
            _observer.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ObserveAll()
    {
        _observer.Observe(_observations);
        _observations.Sort(static (left, right) => left.Thread.Tid.CompareTo(right.Thread.Tid));
        _threads = new ThreadSnapshot[_observations.Count];
        _marks = new RunMark[_observations.Count];
        for (int i = 0; i < _threads.Length; i++)
        {
            _threads[i] = _observations[i].Thread;
            _marks[i] = _observations[i].Mark;
            _indexByTid[_threads[i].Tid] = i;
        }

    }

    private void TakeStopped(ReadOnlySpan<Tracee> tracees, bool isWhole)
    {
        int unknown = 0;
        foreach (ref readonly Tracee tracee in tracees)
        {
            if (!tracee.HasRegisters)
            {
                continue;
            }

            if (_indexByTid.TryGetValue(tracee.Tid, out int index))
            {
                _threads[index] = _threads[index] with
                {
                    State64 = LiveRegisters.ToState64(tracee.Registers),
                    Consistency = isWhole ? Consistency.Exact : Consistency.PossiblyTorn,
                };
            }
            else
            {
                unknown++;
            }
        }

        ReportChanges(unknown, 0);
    }

    /// <summary>One request per stopped thread, sorted, clipped where the next one begins; returns how many.</summary>
    private int RequestStacks(ReadOnlySpan<Tracee> tracees, Span<ReadRequest> requests, int perThread)
    {
        int count = 0;
        foreach (ref readonly Tracee tracee in tracees)
        {
            if (tracee.HasRegisters && count < requests.Length)
            {
                requests[count++] = StackRequest(new TargetAddress(tracee.Registers.Rsp), perThread);
            }
        }

        requests[..count].Sort(ByAddress);
        for (int i = 0; i < count; i++)
        {
            ulong toNext = i + 1 < count ? requests[i + 1].Address - requests[i].Address : ulong.MaxValue;
            requests[i].Length = (int)Math.Min((ulong)requests[i].Length, toNext);
            requests[i].BufferOffset = i * perThread;
        }

        return count;
    }

    private ReadRequest StackRequest(TargetAddress sp, int limit)
    {
        return new ReadRequest(sp, 0, Mappings.Find(sp) is { } stack ? (int)Math.Min((ulong)limit, stack.End - sp) : limit);
    }

    private bool CheckAlive()
    {
        if (_process.HasExited)
        {
            Gaps.Add("target", "process-ended", $"The {_process} ended while it was read: the rest of it is missing, and what was read last may be torn.");
            return false;
        }

        if (!_live.IsAlive)
        {
            Gaps.Add("target", "process-replaced", $"The {_process} started another program (execve) while it was read: what was read last may be that one's.");
            return false;
        }

        if (!_live.IsPermitted)
        {
            Gaps.Add("target", "permission-lost", $"The {_process} changed its user or its rights while it was read, so that it may not be read any more: what was read last is missing. Run as root or with CAP_SYS_PTRACE (sudo).");
        }

        return true;
    }

    private void ReportChanges(int started, int ended)
    {
        if (started > 0)
        {
            Gaps.Add("target", "threads-started", $"{started} threads began while the process was read and are missing here.");
        }

        if (ended > 0)
        {
            Gaps.Add("target", "threads-ended", $"{ended} threads ended while the process was read.");
        }
    }

    private void CountStop(TimeSpan stopped)
    {
        _threadsStopped++;
        _longestStop = stopped > _longestStop ? stopped : _longestStop;
    }

    private static BlindspotException Ended(TargetProcess process) => new($"The {process} ended before it could be read.");
}
