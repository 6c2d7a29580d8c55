using Blindspot.Image;
using Blindspot.Model;

namespace Blindspot.Runtime.DotNet;

/// <summary>
/// What .NET's runtime (CoreCLR) needs of signals: it installs its handlers when it starts, and keeps no record of them
/// that could be read, so they are known by the files that they lie in (dotnet/runtime: src/coreclr/pal/src/exception/signal.cpp,
/// src/native/libs/System.Native/pal_signal.c). Seen with .NET 10: all without SA_ONSTACK but SIGSEGV.
/// </summary>
internal static class DotNetSignals
{
    /// <summary>INJECT_ACTIVATION_SIGNAL, SIGRTMIN as glibc counts: it stops threads for a garbage collection.</summary>
    private const int Activation = 34;

    private const string RuntimeFile = "libcoreclr.so";

    private static readonly string[] HandlerFiles = [RuntimeFile, "libSystem.Native.so"];

    private static readonly RuntimeWords Words = new(".NET", "thread", "PosixSignalRegistration", "NullReferenceException", "stack overflow");

    /// <summary>Null in a process without CoreCLR as a library of its own.</summary>
    public static RuntimeSignals? Find(ModuleMap modules)
    {
        List<Module> owners = [.. modules.Modules.Where(module => HandlerFiles.Contains(module.Name))];
        if (!owners.Exists(module => module.Name == RuntimeFile))
        {
            return null;
        }

        var signals = new RuntimeSignal[RuntimeSignals.Last];
        for (int number = 1; number <= signals.Length; number++)
        {
            (SignalUse use, bool? isHandled) = number switch
            {
                4 or 5 or 7 or 8 or 11 => (SignalUse.Fault, (bool?)true),
                6 => (SignalUse.Fatal, null),
                Activation => (SignalUse.Preemption, true),
                _ => (SignalUse.None, false),
            };
            signals[number - 1] = new RuntimeSignal(number, use, isHandled, null, null);
        }

        return new RuntimeSignals
        {
            Kind = "dotnet",
            Words = Words,
            HandlerModules = owners,
            Signals = signals,
            NeedsAlternateStack = false,
        };
    }
}
