using System.Collections.Frozen;
using System.Text;

namespace Blindspot.Image.Pclntab;

/// <summary>The names of those functions (Go: src/cmd/internal/objabi/funcid.go and the runtime's sources, 1.19 to 1.27).</summary>
internal static class GoFunctionKinds
{
    private static readonly FrozenDictionary<string, GoFunctionKind> ByName = new Dictionary<string, GoFunctionKind>
    {
        ["runtime.abort"] = GoFunctionKind.Abort,
        ["runtime.asmcgocall"] = GoFunctionKind.AsmCgoCall,
        ["runtime.asmcgocall_no_g"] = GoFunctionKind.AsmCgoCallOther,
        ["runtime.asmcgocall_landingpad"] = GoFunctionKind.AsmCgoCallOther,
        ["runtime.asyncPreempt"] = GoFunctionKind.AsyncPreempt,
        ["runtime.asyncPreempt2"] = GoFunctionKind.AsyncPreempt2,
        ["runtime.bgscavenge"] = GoFunctionKind.BackgroundScavenge,
        ["runtime.bgsweep"] = GoFunctionKind.BackgroundSweep,
        ["runtime.cgocall"] = GoFunctionKind.CgoCall,
        ["runtime.cgocallback"] = GoFunctionKind.CgoCallback,
        ["runtime.cgocallbackg"] = GoFunctionKind.CgoCallbackG,
        ["runtime.cgocallbackg1"] = GoFunctionKind.CgoCallbackG,
        ["runtime.corostart"] = GoFunctionKind.CoroStart,
        ["crosscall2"] = GoFunctionKind.Crosscall2,
        ["runtime.debugCallV2"] = GoFunctionKind.DebugCall,
        ["runtime.forcegchelper"] = GoFunctionKind.ForceGcHelper,
        ["runtime.gcBgMarkWorker"] = GoFunctionKind.GcBackgroundMarkWorker,
        ["runtime.goexit"] = GoFunctionKind.GoExit,
        ["runtime.gogo"] = GoFunctionKind.Gogo,
        ["gogo"] = GoFunctionKind.Gogo,
        ["runtime.gopanic"] = GoFunctionKind.Panic,
        ["runtime.gopark"] = GoFunctionKind.Park,
        ["runtime.goparkunlock"] = GoFunctionKind.Park,
        ["runtime.handleAsyncEvent"] = GoFunctionKind.HandleAsyncEvent,
        ["runtime.main"] = GoFunctionKind.RuntimeMain,
        ["runtime.mcall"] = GoFunctionKind.Mcall,
        ["runtime.morestack"] = GoFunctionKind.MoreStack,
        ["runtime.morestack_noctxt"] = GoFunctionKind.MoreStackNoContext,
        ["runtime.mstart"] = GoFunctionKind.MStart,
        ["runtime.mstart0"] = GoFunctionKind.MStart0,
        ["runtime.mstart1"] = GoFunctionKind.MStart1,
        ["runtime.nanotime1"] = GoFunctionKind.VdsoCaller,
        ["runtime.panicwrap"] = GoFunctionKind.PanicWrap,
        ["runtime.rt0_go"] = GoFunctionKind.Rt0Go,
        ["runtime.runCleanups"] = GoFunctionKind.RunCleanups,
        ["runtime.runFinalizers"] = GoFunctionKind.RunFinalizers,
        ["runtime.runfinq"] = GoFunctionKind.RunFinalizers,
        ["runtime.sigfwd"] = GoFunctionKind.SignalForward,
        ["runtime.sigpanic"] = GoFunctionKind.SigPanic,
        ["runtime.sigpanic0"] = GoFunctionKind.SigPanic0,
        ["runtime.sigreturn"] = GoFunctionKind.SignalReturn,
        ["runtime.sigreturn__sigaction"] = GoFunctionKind.SignalReturn,
        ["runtime.sigtramp"] = GoFunctionKind.SignalTrampoline,
        ["runtime.cgoSigtramp"] = GoFunctionKind.SignalTrampoline,
        ["runtime.systemstack"] = GoFunctionKind.SystemStack,
        ["runtime.systemstack_switch"] = GoFunctionKind.SystemStackSwitch,
        ["runtime.walltime"] = GoFunctionKind.VdsoCaller,
        ["time.now"] = GoFunctionKind.VdsoCaller,
        ["_rt0_amd64"] = GoFunctionKind.ProgramEntry,
        ["_rt0_amd64_linux"] = GoFunctionKind.ProgramEntry,
        ["_rt0_amd64_lib"] = GoFunctionKind.ProgramEntry,
        ["_rt0_amd64_linux_lib"] = GoFunctionKind.ProgramEntry,
        ["main"] = GoFunctionKind.ProgramEntry,
    }.ToFrozenDictionary();

    /// <summary>
    /// Goes once through the table of names (each ended by a zero) and tells the offsets of those that are special.
    /// </summary>
    public static FrozenDictionary<int, GoFunctionKind> FindOffsets(ReadOnlySpan<byte> names)
    {
        Dictionary<int, GoFunctionKind> found = [];
        FrozenDictionary<string, GoFunctionKind>.AlternateLookup<ReadOnlySpan<char>> lookup =
            ByName.GetAlternateLookup<ReadOnlySpan<char>>();
        Span<char> name = stackalloc char[40];
        int at = 0;
        while (at < names.Length)
        {
            ReadOnlySpan<byte> rest = names[at..];
            int length = rest.IndexOf((byte)0);
            if (length < 0)
            {
                break;
            }

            if (length is > 3 and <= 40 && rest[0] is (byte)'r' or (byte)'_' or (byte)'c' or (byte)'t' or (byte)'m' or (byte)'g'
                && Encoding.UTF8.TryGetChars(rest[..length], name, out int written)
                && lookup.TryGetValue(name[..written], out GoFunctionKind kind))
            {
                found[at] = kind;
            }

            at += length + 1;
        }

        return found.ToFrozenDictionary();
    }

    /// <summary>
    /// These are assembly in every version. A function of the same name that is not is the wrapper through which Go
    /// code calls it (the name stands in the table once, and both functions share it).
    /// </summary>
    public static bool IsAssembly(GoFunctionKind kind) => kind
        is GoFunctionKind.AsmCgoCall or GoFunctionKind.AsmCgoCallOther or GoFunctionKind.AsyncPreempt
        or GoFunctionKind.CgoCallback or GoFunctionKind.Crosscall2 or GoFunctionKind.DebugCall or GoFunctionKind.GoExit
        or GoFunctionKind.Gogo or GoFunctionKind.Mcall or GoFunctionKind.MoreStack or GoFunctionKind.MoreStackNoContext
        or GoFunctionKind.MStart or GoFunctionKind.Rt0Go or GoFunctionKind.SigPanic0 or GoFunctionKind.SystemStack
        or GoFunctionKind.SystemStackSwitch or GoFunctionKind.SignalTrampoline or GoFunctionKind.SignalReturn
        or GoFunctionKind.SignalForward or GoFunctionKind.Abort or GoFunctionKind.ProgramEntry;
}
