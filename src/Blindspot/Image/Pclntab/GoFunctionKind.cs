namespace Blindspot.Image.Pclntab;

/// <summary>
/// The functions of the runtime that unwinding and reports treat specially. They are told by name and flags: the
/// numbers that Go itself gives some of them (FuncID) change between versions, the names stand in every binary.
/// </summary>
public enum GoFunctionKind : byte
{
    Ordinary,

    /// <summary>Generated code that adapts a method or a calling convention; tracebacks leave it out.</summary>
    Wrapper,

    /// <summary>Calls C on the thread's own stack (runtime/asm_amd64.s).</summary>
    AsmCgoCall,

    /// <summary>Another place where assembly changes to the thread's own stack to call C, without a switch frame (asmcgocall_no_g, asmcgocall_landingpad).</summary>
    AsmCgoCallOther,

    /// <summary>Called by C on the way into Go; runs the rest on a goroutine's stack.</summary>
    CgoCallback,

    /// <summary>runtime.cgocallbackg and cgocallbackg1: the Go side of a callback.</summary>
    CgoCallbackG,

    /// <summary>runtime.cgocall: the Go side of a call to C.</summary>
    CgoCall,

    /// <summary>crosscall2: the C side's way into cgocallback (runtime/cgo/asm_amd64.s).</summary>
    Crosscall2,

    AsyncPreempt,

    /// <summary>runtime.asyncPreempt2 and what else runs on top of an asynchronous preemption.</summary>
    AsyncPreempt2,

    CoroStart,
    DebugCall,
    GcBackgroundMarkWorker,
    GoExit,
    Gogo,
    Panic,
    HandleAsyncEvent,
    Mcall,
    MoreStack,
    MoreStackNoContext,
    MStart,
    MStart0,
    MStart1,
    PanicWrap,
    Rt0Go,
    RuntimeMain,
    RunFinalizers,
    RunCleanups,
    SigPanic,
    SigPanic0,
    SystemStack,
    SystemStackSwitch,

    /// <summary>runtime.sigtramp, cgoSigtramp, sigtrampgo's assembly: entered by the kernel on a signal.</summary>
    SignalTrampoline,

    /// <summary>runtime.sigreturn__sigaction: returns from a signal; its caller is what the kernel saved.</summary>
    SignalReturn,

    /// <summary>runtime.sigfwd: calls a C handler.</summary>
    SignalForward,

    /// <summary>runtime.gopark and goparkunlock.</summary>
    Park,

    Abort,
    BackgroundSweep,
    BackgroundScavenge,
    ForceGcHelper,

    /// <summary>The process's entry (_rt0_amd64_linux and its kin).</summary>
    ProgramEntry,

    /// <summary>Go code that reads the clock through the vDSO on the thread's own stack (runtime.nanotime1, walltime, time.now).</summary>
    VdsoCaller,
}
