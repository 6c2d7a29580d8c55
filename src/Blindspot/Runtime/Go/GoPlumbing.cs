namespace Blindspot.Runtime.Go;

/// <summary>The functions between Go and C, and under a parked goroutine, that say nothing about the program.</summary>
internal static class GoPlumbing
{
    private static readonly HashSet<string> Names =
    [
        "crosscall2",
        "runtime.asmcgocall",
        "runtime.asmcgocall.abi0",
        "runtime.asmcgocall_landingpad",
        "runtime.cgocall",
        "runtime.cgocallback",
        "runtime.cgocallback.abi0",
        "runtime.cgocallbackg",
        "runtime.cgocallbackg1",
        "runtime.block",
        "runtime.chanrecv",
        "runtime.chanrecv1",
        "runtime.chanrecv2",
        "runtime.chansend",
        "runtime.chansend1",
        "runtime.goexit",
        "runtime.goexit.abi0",
        "runtime.gopark",
        "runtime.goparkunlock",
        "runtime.mcall",
        "runtime.netpollblock",
        "runtime.notetsleepg",
        "runtime.park_m",
        "runtime.selectgo",
        "runtime.semacquire",
        "runtime.semacquire1",
        "runtime.systemstack",
        "runtime.systemstack.abi0",
        "runtime.systemstack_switch",
        "runtime.systemstack_switch.abi0",
    ];

    public static bool Contains(string function) =>
        Names.Contains(function)
        || IsCgoStub(function);

    // What cgo generates: _Cfunc_name in Go, _cgo_HASH_Cfunc_name in C, _cgoexp_HASH_name for exported functions.
    private static bool IsCgoStub(string function) =>
        function.StartsWith("_cgo_", StringComparison.Ordinal)
        || function.StartsWith("_cgoexp_", StringComparison.Ordinal)
        || function.Contains("._Cfunc_", StringComparison.Ordinal);
}
