using System.Buffers.Binary;
using Blindspot.Arch.X64;
using Blindspot.Interop;
using Blindspot.Primitives;
using Blindspot.Target;
using Blindspot.Target.Live;
using Microsoft.Win32.SafeHandles;

namespace Blindspot.Collect;

/// <summary>
/// Looks at threads through the BPF iterator of native/bpf/threads.bpf.c: all user registers of every thread that is
/// not on a processor, and its marks, in one pass over the process.
/// </summary>
internal sealed class WatchThreadObserver : ThreadObserver
{
    private const string ResourceName = "threads.bpf.o";
    private const string ProgramName = "threads";
    private const int ReadBytes = 1 << 20;

    private readonly BpfObject _object;
    private readonly ProcThreadObserver _proc;
    private readonly int _pid;
    private readonly Limits _limits;
    private readonly GapLog _gaps;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(ReadBytes);
    private readonly List<int> _listed = [];
    private readonly HashSet<int> _seen = [];
    private SignalDisposition[]? _dispositions;
    private IntervalTimer[]? _intervalTimers;
    private bool _hasLooked;

    private WatchThreadObserver(BpfObject loaded, int pid, Limits limits, GapLog gaps)
    {
        _object = loaded;
        _pid = pid;
        _limits = limits;
        _gaps = gaps;
        _proc = new ProcThreadObserver(pid, limits, gaps);
    }

    internal override string How => "watch";

    internal override IReadOnlyList<SignalDisposition>? Dispositions => _dispositions;

    internal override IReadOnlyList<IntervalTimer>? IntervalTimers => _intervalTimers;

    /// <exception cref="BpfException">BPF cannot be used here; the message says why.</exception>
    internal static WatchThreadObserver Load(TargetProcess process, Limits limits, GapLog gaps)
    {
        using Stream resource = typeof(WatchThreadObserver).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new InvalidOperationException($"{ResourceName} is not embedded");
        byte[] image = new byte[resource.Length];
        resource.ReadExactly(image);

        // .rodata of threads.bpf.c: target_pid, pid_namespace_inode.
        Span<byte> constants = stackalloc byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(constants, process.Pid);
        BinaryPrimitives.WriteUInt32LittleEndian(constants[4..], process.PidNamespace);
        BpfObject loaded = BpfObject.Load(image, constants);
        try
        {
            loaded.AttachTaskIterator(ProgramName, process.Pid);
            return new WatchThreadObserver(loaded, process.Pid, limits, gaps);
        }
        catch
        {
            loaded.Dispose();
            throw;
        }
    }

    internal override void Observe(List<ThreadObservation> into)
    {
        into.Clear();
        _seen.Clear();
        ReadRecords(into);
        AddMissed(into);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _object.Dispose();
            _proc.Dispose();
        }

        base.Dispose(disposing);
    }

    private void ReadRecords(List<ThreadObservation> into)
    {
        using SafeFileHandle iterator = _object.StartIterator();
        int held = 0;
        while (into.Count < _limits.MaxThreads)
        {
            int read = RawFile.ReadOn(iterator, _buffer.AsSpan(held), out Errno error);
            if (read < 0)
            {
                _gaps.Add("target", "threads-incomplete", $"The BPF iterator ended early ({error.Describe()}).");
                return;
            }

            if (read == 0)
            {
                return;
            }

            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, held + read);
            while (WireRecords.TryPeek(bytes, out uint kind, out int size))
            {
                Take(kind, bytes[..size], into);
                bytes = bytes[size..];
            }

            held = bytes.Length;
            bytes.CopyTo(_buffer);
        }
    }

    /// <summary>
    /// A thread that ends while the iterator stands on it can end the whole pass (kernels before 6.7), and one may begin
    /// behind it: what /proc lists besides is looked at there.
    /// </summary>
    private void AddMissed(List<ThreadObservation> into)
    {
        int missed = 0;
        ProcThreads.List(_pid, _listed, _limits);
        foreach (int tid in _listed)
        {
            if (!_seen.Contains(tid) && _proc.TryObserve(tid, out ThreadObservation observation))
            {
                into.Add(observation);
                missed += observation.Thread.State == 'Z' ? 0 : 1;
            }
        }

        // Later looks only compare with the first.
        if (missed > 0 && !_hasLooked)
        {
            _gaps.Add(
                "target",
                "threads-missed",
                $"The BPF iterator did not show {missed} of {into.Count} threads (they began just then, or have no user registers); of the registers of such a thread only the program counter and the stack pointer are known.");
        }

        _hasLooked = true;
    }

    private void Take(uint kind, ReadOnlySpan<byte> bytes, List<ThreadObservation> into)
    {
        switch (kind)
        {
            case WireThread.RecordKind when WireRecords.TryRead(bytes, out WireThread thread):
                if (_seen.Add(thread.Tid) && TaskState.ToLetter(thread.State, thread.ExitState) is var state && state != 'X')
                {
                    into.Add(ToObservation(thread, state));
                }

                break;
            case WireDispositions.RecordKind when _dispositions is null && WireRecords.TryRead(bytes, out WireDispositions dispositions):
                _dispositions = ToDispositions(dispositions);
                _intervalTimers = ToTimers(dispositions);
                break;
        }
    }

    private static ThreadObservation ToObservation(in WireThread thread, char state)
    {
        (TimeSpan user, TimeSpan system) = TaskState.DivideTime(thread.RunNanoseconds, thread.UserNanoseconds, thread.SystemNanoseconds);
        ThreadSnapshot snapshot = new()
        {
            Tid = thread.Tid,
            InnerTid = thread.InnerTid,
            Name = thread.Name.Text,
            State = state,
            State64 = state == 'Z' ? null : ToState64(thread),
            Consistency = Consistency.PossiblyTorn,
            BlockedSignals = thread.Blocked,
            PendingSignals = thread.Pending | thread.SharedPending,
            AlternateStack = new AlternateStack(new TargetAddress(thread.AlternateStack), thread.AlternateStackSize),
            UserTime = user,
            SystemTime = system,
        };
        return new ThreadObservation(
            snapshot,
            new RunMark(thread.OnCpu != 0, thread.VoluntarySwitches + thread.InvoluntarySwitches, thread.RunCount, thread.RunNanoseconds));
    }

    // struct pt_regs has the order of struct user_regs_struct's first 21 words (arch/x86/include/asm/ptrace.h).
    private static X64ThreadState ToState64(in WireThread thread)
    {
        UserRegisters registers = new()
        {
            R15 = thread.Registers[0],
            R14 = thread.Registers[1],
            R13 = thread.Registers[2],
            R12 = thread.Registers[3],
            Rbp = thread.Registers[4],
            Rbx = thread.Registers[5],
            R11 = thread.Registers[6],
            R10 = thread.Registers[7],
            R9 = thread.Registers[8],
            R8 = thread.Registers[9],
            Rax = thread.Registers[10],
            Rcx = thread.Registers[11],
            Rdx = thread.Registers[12],
            Rsi = thread.Registers[13],
            Rdi = thread.Registers[14],
            OriginalRax = thread.Registers[15],
            Rip = thread.Registers[16],
            Flags = thread.Registers[18],
            Rsp = thread.Registers[19],
            FsBase = thread.FsBase,
        };
        return LiveRegisters.ToState64(registers);
    }

    private static SignalDisposition[] ToDispositions(in WireDispositions dispositions)
    {
        SignalDisposition[] result = new SignalDisposition[WireDispositions.WireSignals.Length];
        for (int i = 0; i < result.Length; i++)
        {
            WireDisposition signal = dispositions.Signals[i];
            result[i] = new SignalDisposition(
                i + 1, new TargetAddress(signal.Handler), signal.Flags, new TargetAddress(signal.Restorer), signal.Mask);
        }

        return result;
    }

    private static IntervalTimer[]? ToTimers(in WireDispositions process)
    {
        if (process.TimersKnown == 0)
        {
            return null;
        }

        TimeSpan real = process.RealExpires > process.Now ? ToTime(process.RealExpires - process.Now) : TimeSpan.Zero;
        return
        [
            new IntervalTimer(IntervalTimerKind.Real, real > TimeSpan.Zero ? ToTime(process.RealInterval) : TimeSpan.Zero, real),
            Of(IntervalTimerKind.Virtual, process.VirtualInterval, process.VirtualExpires),
            Of(IntervalTimerKind.Profiling, process.ProfilingInterval, process.ProfilingExpires),
        ];

        // They count CPU time, of which the kernel keeps the sum for a process only while somebody needs it.
        static IntervalTimer Of(IntervalTimerKind kind, ulong interval, ulong expires) =>
            expires == 0 ? new IntervalTimer(kind, TimeSpan.Zero, TimeSpan.Zero) : new IntervalTimer(kind, ToTime(interval), null);
    }

    private static TimeSpan ToTime(ulong nanoseconds) => TimeSpan.FromTicks((long)(nanoseconds / 100));
}
