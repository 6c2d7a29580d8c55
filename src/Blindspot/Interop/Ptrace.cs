namespace Blindspot.Interop;

/// <summary>What a wait for one traced thread told (waitpid(2), ptrace(2)).</summary>
internal enum WaitResult
{
    /// <summary>It has not stopped yet.</summary>
    Pending,

    /// <summary>Stopped by our interrupt.</summary>
    Stopped,

    /// <summary>In a group-stop (SIGSTOP and its like): letting it go on would take it out of that.</summary>
    GroupStop,

    /// <summary>Stopped at the entry to a system call, or at the exit from one.</summary>
    SystemCall,

    /// <summary>Stopped on its way to a signal, which has to be passed on when it is let go.</summary>
    SignalDelivery,

    /// <summary>It ended.</summary>
    Gone,
}

/// <summary>
/// ptrace(2) requests, each returning its error. All of one session must be made by one and the same thread: the kernel
/// ties a tracee to the thread that seized it, and lets it go on by itself when that thread ends.
/// </summary>
internal static unsafe class Ptrace
{
    private const int ContinueRequest = 7;
    private const int Detach = 17;
    private const int ContinueToSystemCall = 24;
    private const int GetRegisterSet = 0x4204;
    private const int SetRegisterSet = 0x4205;
    private const int Seize = 0x4206;
    private const int Interrupt = 0x4207;
    private const int GetSignalMask = 0x420a;
    private const int GetUserDispatch = 0x4210;

    private const int PrStatus = 1;
    private const int ExtendedState = 0x202;
    private const int EventStop = 128;
    private const int TrapSignal = 5;
    private const int SystemCallStop = TrapSignal | 0x80;
    private const int MarkSystemCalls = 1;

    private const int NoHang = 1;
    private const int WaitAll = 0x40000000;
    private const int WaitOwnThread = 0x20000000;

    /// <summary>Called after each request and each wait that had a result. For tests that end us between any two of them.</summary>
    internal static Action? AfterEachCall { get; set; }

    internal static Errno TrySeize(int tid) => Request(Seize, tid, 0, 0);

    /// <summary>
    /// As <see cref="TrySeize"/>, and stops at system calls are marked as such (PTRACE_O_TRACESYSGOOD). Without that mark,
    /// a thread in such a stop whose tracer dies would get a SIGTRAP, and the process would end of it.
    /// </summary>
    internal static Errno TrySeizeForSystemCalls(int tid) => Request(Seize, tid, 0, MarkSystemCalls);

    internal static Errno TryInterrupt(int tid) => Request(Interrupt, tid, 0, 0);

    /// <summary>Lets a stopped thread go on, with the given signal or none (0).</summary>
    internal static Errno TryDetach(int tid, int signal) => Request(Detach, tid, 0, signal);

    /// <summary>Lets a stopped thread go on to the next entry to or exit from a system call.</summary>
    internal static Errno TryContinueToSystemCall(int tid) => Request(ContinueToSystemCall, tid, 0, 0);

    /// <summary>Lets a stopped thread go on, still traced.</summary>
    internal static Errno TryContinue(int tid) => Request(ContinueRequest, tid, 0, 0);

    /// <summary>The general registers of a stopped 64-bit thread; Invalid for a 32-bit one.</summary>
    internal static Errno TryGetRegisters(int tid, ref UserRegisters registers)
    {
        fixed (UserRegisters* into = &registers)
        {
            Libc.IoVector vector = new() { Base = (ulong)into, Length = (ulong)sizeof(UserRegisters) };
            Errno error = Request(GetRegisterSet, tid, PrStatus, (nint)(&vector));
            return error == Errno.None && vector.Length != (ulong)sizeof(UserRegisters) ? Errno.Invalid : error;
        }
    }

    internal static Errno TrySetRegisters(int tid, in UserRegisters registers)
    {
        fixed (UserRegisters* from = &registers)
        {
            Libc.IoVector vector = new() { Base = (ulong)from, Length = (ulong)sizeof(UserRegisters) };
            return Request(SetRegisterSet, tid, PrStatus, (nint)(&vector));
        }
    }

    /// <summary>Floating-point and vector registers, in the standard form of XSAVE; <paramref name="length"/> bytes of the buffer.</summary>
    internal static Errno TryGetExtendedState(int tid, Span<byte> buffer, out int length)
    {
        fixed (byte* into = buffer)
        {
            Libc.IoVector vector = new() { Base = (ulong)into, Length = (ulong)buffer.Length };
            Errno error = Request(GetRegisterSet, tid, ExtendedState, (nint)(&vector));
            length = error == Errno.None ? (int)vector.Length : 0;
            return error;
        }
    }

    /// <summary>The signals that the thread blocks, or will block again when it leaves a call that replaces them for its time (ppoll).</summary>
    internal static Errno TryGetSignalMask(int tid, out ulong mask)
    {
        ulong value = 0;
        Errno error = Request(GetSignalMask, tid, sizeof(ulong), (nint)(&value));
        mask = value;
        return error;
    }

    /// <summary>Whether the thread has its system calls sent to itself as signals (prctl(2), PR_SET_SYSCALL_USER_DISPATCH).</summary>
    internal static Errno TryGetUserDispatch(int tid, out bool isOn)
    {
        ulong* configuration = stackalloc ulong[4];
        Errno error = Request(GetUserDispatch, tid, 4 * sizeof(ulong), (nint)configuration);
        isOn = error == Errno.None && configuration[0] != 0;
        return error;
    }

    /// <summary>Asks once, without waiting, what became of one thread. Never of "any": others in this process have children too.</summary>
    internal static WaitResult TryWait(int tid, out int signal)
    {
        signal = 0;
        int status = 0;
        int result;
        do
        {
            result = Libc.WaitPid(tid, &status, NoHang | WaitAll | WaitOwnThread);
        }
        while (result < 0 && Libc.LastError == Errno.Interrupted);

        if (result == 0)
        {
            return WaitResult.Pending;
        }

        AfterEachCall?.Invoke();
        if (result < 0 || (status & 0xff) != 0x7f)
        {
            return WaitResult.Gone;
        }

        int reason = (status >> 8) & 0xff;
        if (status >> 16 == EventStop)
        {
            return reason == TrapSignal ? WaitResult.Stopped : WaitResult.GroupStop;
        }

        if (reason == SystemCallStop)
        {
            return WaitResult.SystemCall;
        }

        signal = reason;
        return WaitResult.SignalDelivery;
    }

    private static Errno Request(int request, int tid, nint address, nint data)
    {
        nint result = Libc.Ptrace(request, tid, address, data);
        Errno error = result < 0 ? Libc.LastError : Errno.None;
        AfterEachCall?.Invoke();
        return error;
    }
}
