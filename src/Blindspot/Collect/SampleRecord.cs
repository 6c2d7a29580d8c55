using Blindspot.Arch.X64;
using Blindspot.Interop;
using Blindspot.Primitives;

namespace Blindspot.Collect;

/// <summary>
/// One event on a thread, with its registers and the bytes of its stacks. An object to be loaded again and again, which
/// allocates nothing then. The bytes are the kernel program's record as it came (native/wire.h, struct wire_event): they
/// may be kept elsewhere and loaded later.
/// </summary>
public sealed class SampleRecord
{
    private byte[] _bytes = new byte[8 << 10];
    private int _length;
    private WireEvent _event;
    private int _firstSlice;
    private X64Registers _registers;

    /// <summary>The record itself.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    /// <summary>In our PID namespace.</summary>
    public int Tid => _event.Tid;

    public int InnerTid => _event.InnerTid;

    /// <summary>comm of the thread; a new string each time.</summary>
    public string ThreadName => _event.Name.Text;

    /// <summary>comm of the thread with the zero bytes behind it.</summary>
    public ReadOnlySpan<byte> ThreadNameBytes => _event.Name;

    public int Processor => (int)_event.Cpu;

    /// <summary>CLOCK_MONOTONIC.</summary>
    public ulong Nanoseconds => _event.Time;

    /// <summary>What it stands for: nanoseconds of CPU time.</summary>
    public ulong Weight => _event.Weight;

    /// <summary>The thread was in the kernel, for a system call, a page fault or an interrupt; the registers are those that it came with.</summary>
    public bool IsInKernel => (_event.Flags & WireEvent.InKernel) != 0;

    public X64Registers Registers => _registers;

    public TargetAddress ThreadPointer => new(_event.FsBase);

    /// <summary>The runtime's structure of the thread (Go's m); zero for a thread that is not one of the runtime's.</summary>
    public TargetAddress Worker => new(_event.Worker);

    /// <summary>
    /// The task that the runtime has on this thread (Go's m.curg), zero for none. Whether the thread really runs for it
    /// the unwound stack tells: a thread that C made keeps one between its calls into Go.
    /// </summary>
    public TargetAddress Task => new(_event.Task);

    /// <summary>Go's goid; 0 without a task.</summary>
    public long TaskId => (long)_event.TaskId;

    /// <summary>Where the task's profiler labels are, zero for none. They never change once they are set on a task.</summary>
    public TargetAddress TaskLabels => new(_event.TaskLabels);

    /// <summary>The runtime's words were read without a fault.</summary>
    internal bool IsRuntimeKnown => (_event.Flags & WireEvent.RuntimeKnown) != 0;

    internal ref readonly WireEvent Wire => ref _event;

    /// <summary>A piece of a stack, upwards from an address: the first is of the one that the thread was on. Empty if there is none.</summary>
    public ReadOnlySpan<byte> Slice(int number, out TargetAddress address)
    {
        WireSlice slice = _event.Slices[number];
        address = new TargetAddress(slice.Address);
        return _bytes.AsSpan(number == 0 ? _firstSlice : _firstSlice + (int)_event.Slices[0].Bytes, (int)slice.Bytes);
    }

    /// <summary>The stack went on behind a slice: it is larger than what may be copied, or a page was not there.</summary>
    public bool IsCut(int number) => _event.Slices[number].IsCut != 0;

    /// <summary>Takes over a record; false, with the former one lost, if it is none of this form.</summary>
    public bool TryLoad(ReadOnlySpan<byte> record)
    {
        _length = 0;
        if (!WireRecords.TryPeek(record, out uint kind, out int size)
            || kind != WireEvent.RecordKind
            || !WireRecords.TryReadStart(record[..size], out _event, out _firstSlice)
            || _event.Slices[0].Bytes > WireSampling.MaxStackBytes
            || _event.Slices[1].Bytes > WireSampling.MaxStackBytes
            || _firstSlice + _event.Slices[0].Bytes + _event.Slices[1].Bytes != size)
        {
            _event = default;
            return false;
        }

        if (_bytes.Length < size)
        {
            _bytes = new byte[Math.Max(size, 2 * _bytes.Length)];
        }

        record[..size].CopyTo(_bytes);
        _length = size;
        _registers = ToRegisters(_event.Registers);
        return true;
    }

    public override string ToString() => $"{ThreadName} ({Tid}) at {_registers.Pc}";

    // struct pt_regs (arch/x86/include/asm/ptrace.h).
    private static X64Registers ToRegisters(in WireThread.WireRegisters words)
    {
        X64Registers registers = default;
        registers.Set(X64Register.R15, words[0]);
        registers.Set(X64Register.R14, words[1]);
        registers.Set(X64Register.R13, words[2]);
        registers.Set(X64Register.R12, words[3]);
        registers.Set(X64Register.Rbp, words[4]);
        registers.Set(X64Register.Rbx, words[5]);
        registers.Set(X64Register.R11, words[6]);
        registers.Set(X64Register.R10, words[7]);
        registers.Set(X64Register.R9, words[8]);
        registers.Set(X64Register.R8, words[9]);
        registers.Set(X64Register.Rax, words[10]);
        registers.Set(X64Register.Rcx, words[11]);
        registers.Set(X64Register.Rdx, words[12]);
        registers.Set(X64Register.Rsi, words[13]);
        registers.Set(X64Register.Rdi, words[14]);
        registers.Set(X64Register.Rip, words[16]);
        registers.Set(X64Register.Rsp, words[19]);
        return registers;
    }
}
