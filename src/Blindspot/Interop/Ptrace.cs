namespace Blindspot.Interop;

/// <summary>What a wait for one traced thread told (waitpid(2), ptrace(2)).</summary>
internal enum WaitResult
{
    /// <summary>It has not stopped yet.</summary>
    Pending,

    /// <summary>Stopped by our interrupt, or in a group-stop that was on before.</summary>
    Stopped,

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
    private const int Detach = 17;
    private const int GetRegisterSet = 0x4204;
    private const int Seize = 0x4206;
    private const int Interrupt = 0x4207;

    private const int PrStatus = 1;
    private const int EventStop = 128;

    private const int NoHang = 1;
    private const int WaitAll = 0x40000000;
    private const int WaitOwnThread = 0x20000000;

    /// <summary>Called after each request and each wait that had a result. For tests that end us between any two of them.</summary>
    internal static Action? AfterEachCall { get; set; }

    internal static Errno TrySeize(int tid) => Request(Seize, tid, 0, 0);

    internal static Errno TryInterrupt(int tid) => Request(Interrupt, tid, 0, 0);

    /// <summary>Lets a stopped thread go on, with the given signal or none (0).</summary>
    internal static Errno TryDetach(int tid, int signal) => Request(Detach, tid, 0, signal);

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

        if (status >> 16 == EventStop)
        {
            return WaitResult.Stopped;
        }

        signal = (status >> 8) & 0xff;
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
