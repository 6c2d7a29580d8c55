using System.Diagnostics;
using Blindspot.Interop;

namespace Blindspot.Target.Live;

/// <summary>Has one thread of the target do system calls that only read, and go on as if nothing had been.</summary>
/// <remarks>
/// <para>
/// What may happen at any moment is that we die: of SIGKILL, of a fault of ours, with the machine's memory at an end. The
/// kernel then lets the thread go on with the registers that it has at that moment. So there must be no moment at which
/// these lead anywhere but, in the end, back to where the thread was. It is arranged as a signal handler is, which also
/// comes over a thread in the middle of something and goes away without a trace:
/// </para>
/// <para>
/// The thread is stopped in a wait that may be begun anew (<see cref="RestartableWait"/>). Below its stack's red zone, on
/// bytes that belong to nobody (<see cref="InjectionStack"/>), goes a signal frame (<see cref="ReturnFrame"/>) that says:
/// all registers as they are now, the program counter on the system call again. Then its registers are set to
/// "syscall; ret" (<see cref="InjectionInstructions"/>), with the number and the arguments of our call, and the stack
/// pointer on that frame: what a handler looks like that does one system call and returns. The return address is the
/// restorer of the C library or of Go, which calls rt_sigreturn, whereupon the kernel takes all registers and the signal
/// mask from the frame. If we die before the registers are set, there are only some odd bytes below the stack; if we die
/// any time later, the thread does the call, returns by the frame, and begins its wait anew.
/// </para>
/// <para>
/// If we live, the thread does not get to the return: it stops when it has left the system call (PTRACE_SYSCALL), gets the
/// registers for the next one, and so on. A single step would do instead, but for its SIGTRAP, of which the process would
/// end if we died just then; the stop at a system call has no signal once the seizing has asked for that
/// (PTRACE_O_TRACESYSGOOD). To end it, the thread is interrupted once more, so that it stops where it was stopped at first, on
/// the kernel's way to see to signals: there it gets its old registers, with the mark that it was in a system call, and the
/// kernel restarts that, or ends it for a signal, exactly as after any stop. Last the bytes below the stack are put back.
/// </para>
/// <para>
/// A signal that comes for the thread meanwhile stops it before it is delivered. Then the old registers are put back at once,
/// the thread is let go with that signal, and what is left to ask is asked another time. Signals are never blocked and none is
/// held back: a mask that we changed would stay so if we died. A thread that stops too late is simply left: that is as if we
/// had died.
/// </para>
/// <para>
/// What stays: if we die within that millisecond, and in the same one a signal comes whose handler is to end the wait with
/// EINTR, the handler runs, but the wait is begun anew.
/// </para>
/// </remarks>
internal sealed class SystemCallInjection(TargetProcess process, InjectionInstructions instructions, InjectionStack stack, CaptureOptions options)
{
    private const ulong CodeSegment64 = 0x33;
    private const int SystemCallBytes = 2;
    private const int Spins = 200;
    private const uint PauseMicroseconds = 30;

    private readonly ReturnFrame _frame = new();
    private readonly byte[] _extendedState = new byte[ExtendedState.MaxRegisterSet];
    private readonly byte[] _below = new byte[ReturnFrame.MaxBytes];
    private UserRegisters _original;
    private long _deadline;

    /// <summary>How long the thread was held the last time.</summary>
    internal TimeSpan StoppedFor { get; private set; }

    /// <summary>
    /// Stops the thread once, and has it do calls from <paramref name="done"/> on, which is counted up with each. Should a
    /// signal come for it, that is not all of them.
    /// </summary>
    /// <returns>Null, or why none could be done, as the end of a sentence about the thread.</returns>
    internal string? Run(int tid, IReadOnlyList<InjectedCall> calls, ref int done)
    {
        string? refusal = null;
        int count = done;
        StoppedFor = TimeSpan.Zero;
        PtraceThread.Run(() => refusal = Work(tid, calls, ref count));
        done = count;
        return refusal;
    }

    private string? Work(int tid, IReadOnlyList<InjectedCall> calls, ref int done)
    {
        Errno error = Ptrace.TrySeizeForSystemCalls(tid);
        if (error != Errno.None)
        {
            return error == Errno.NoProcess ? Ended : ExactStop.Refusal(process, error);
        }

        long started = Stopwatch.GetTimestamp();
        _deadline = started + (long)(options.StopWait.TotalSeconds * Stopwatch.Frequency);
        _ = Ptrace.TryInterrupt(tid);
        WaitResult result = Wait(tid, out int signal);
        if (result is WaitResult.Pending or WaitResult.Gone)
        {
            return result == WaitResult.Gone ? Ended : "it did not stop in time";
        }

        string? refusal = result switch
        {
            WaitResult.Stopped => Prepare(tid),
            WaitResult.SignalDelivery => null,
            _ => "its process is stopped (SIGSTOP or its like)",
        };
        if (refusal is null && result == WaitResult.Stopped)
        {
            _deadline = Stopwatch.GetTimestamp() + (long)(options.StopBudget.TotalSeconds * Stopwatch.Frequency);
            if (!TryPerform(tid, calls, ref done, out signal))
            {
                return null;
            }
        }

        _ = Ptrace.TryDetach(tid, signal);
        StoppedFor = Stopwatch.GetElapsedTime(started);
        return refusal;
    }

    /// <summary>Everything that changes nothing, and the bytes below the stack, which are nobody's.</summary>
    private string? Prepare(int tid)
    {
        if (Ptrace.TryGetRegisters(tid, ref _original) != Errno.None)
        {
            return Ended;
        }

        if (!RestartableWait.IsInterrupted(process.Pid, tid, ref _original))
        {
            return "it is not in a wait any more that can be begun anew unnoticed";
        }

        Span<byte> instruction = stackalloc byte[SystemCallBytes];
        if (ProcessMemory.Read(tid, _original.Rip - SystemCallBytes, instruction, out Errno error) != SystemCallBytes)
        {
            return $"its code cannot be read by process_vm_readv ({error.Describe()})";
        }

        if (_original.Cs != CodeSegment64 || !instruction.SequenceEqual(InjectionInstructions.CallBytes[..SystemCallBytes]))
        {
            return "it is in a system call of the 32-bit kind";
        }

        if (Ptrace.TryGetUserDispatch(tid, out bool isDispatched) == Errno.None && isDispatched)
        {
            return "it has its system calls sent to itself as signals";
        }

        if (stack.Refusal(tid, _original, out ulong top) is { } refusal)
        {
            return refusal;
        }

        if (Ptrace.TryGetSignalMask(tid, out ulong mask) != Errno.None
            || Ptrace.TryGetExtendedState(tid, _extendedState, out int stateLength) != Errno.None
            || !_frame.TryBuild(_original, top, mask, _extendedState.AsSpan(0, stateLength), instructions.Restorer.Value))
        {
            return "its registers cannot be written down whole";
        }

        Span<byte> below = _below.AsSpan(0, _frame.Bytes.Length);
        return ProcessMemory.Read(tid, _frame.Start, below, out _) == below.Length && ProcessMemory.TryWrite(tid, _frame.Start, _frame.Bytes)
            ? null
            : "the memory below its stack cannot be written";
    }

    /// <summary>
    /// False where the thread is not held in the end: it has ended, or it is to find back by itself. Else it has its old
    /// registers and memory, and is to be let go with <paramref name="signal"/>.
    /// </summary>
    private bool TryPerform(int tid, IReadOnlyList<InjectedCall> calls, ref int done, out int signal)
    {
        signal = 0;
        WaitResult result = WaitResult.SystemCall;
        for (; done < calls.Count && result == WaitResult.SystemCall; done++)
        {
            result = Do(tid, calls[done], out signal);
            if (result != WaitResult.SystemCall)
            {
                break;
            }
        }

        if (result == WaitResult.SystemCall)
        {
            // It is at the exit from the last call. On its way from there it has to stop where the kernel sees to signals.
            _ = Ptrace.TryInterrupt(tid);
            result = Ptrace.TryContinue(tid) == Errno.None ? Wait(tid, out signal) : WaitResult.Gone;
        }

        if (result is not (WaitResult.Stopped or WaitResult.SignalDelivery or WaitResult.GroupStop)
            || Ptrace.TrySetRegisters(tid, _original) != Errno.None)
        {
            return false;
        }

        // Only now: until here the frame is what brings the thread back if we die.
        _ = ProcessMemory.TryWrite(tid, _frame.Start, _below.AsSpan(0, _frame.Bytes.Length));
        return true;
    }

    /// <summary>SystemCall when the thread has done the call and stands at the exit from it; else how it stands.</summary>
    private WaitResult Do(int tid, InjectedCall call, out int signal)
    {
        UserRegisters registers = _original;
        registers.Rip = instructions.Call.Value;
        registers.Rsp = _frame.Start;
        registers.Rax = call.Number;
        registers.Rdi = Place(call.First);
        registers.Rsi = Place(call.Second);
        registers.Rdx = Place(call.Third);
        registers.R10 = Place(call.Fourth);

        // Not in a system call: else the kernel would set it back to begin that anew.
        registers.OriginalRax = ulong.MaxValue;
        signal = 0;
        if (Ptrace.TrySetRegisters(tid, registers) != Errno.None)
        {
            return WaitResult.Gone;
        }

        // To the entry, and from there to the exit.
        for (int step = 0; step < 2; step++)
        {
            WaitResult result = Ptrace.TryContinueToSystemCall(tid) == Errno.None ? Wait(tid, out signal) : WaitResult.Gone;
            if (result != WaitResult.SystemCall)
            {
                return result;
            }
        }

        if (Ptrace.TryGetRegisters(tid, ref registers) != Errno.None)
        {
            return WaitResult.Gone;
        }

        call.IsAnswered = registers.Rax == 0 && registers.OriginalRax == call.Number
            && ProcessMemory.Read(tid, _frame.AnswerStart, call.AnswerBytes, out _) == call.AnswerBytes.Length;
        return WaitResult.SystemCall;
    }

    private ulong Place(ulong argument) => argument == InjectedCall.Answer ? _frame.AnswerStart : argument;

    /// <summary>Pending when the time is over.</summary>
    private WaitResult Wait(int tid, out int signal)
    {
        for (int round = 0; ; round++)
        {
            WaitResult result = Ptrace.TryWait(tid, out signal);
            if (result != WaitResult.Pending || Stopwatch.GetTimestamp() > _deadline)
            {
                return result;
            }

            _ = round < Spins ? Libc.Yield() : Libc.SleepMicroseconds(PauseMicroseconds);
        }
    }

    private const string Ended = "it ended";
}
