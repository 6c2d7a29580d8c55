using Blindspot.Image;
using Blindspot.Model;
using Blindspot.Primitives;
using Blindspot.Runtime.DotNet;
using Blindspot.Runtime.Go;
using Blindspot.Target;

namespace Blindspot.Runtime;

/// <summary>Finds the language runtimes in a process: the one place that names them all.</summary>
public static class RuntimeDetector
{
    // Runtimes that are recognised by the library that carries them, and not understood yet.
    private static readonly (string FilePrefix, string Name)[] Unknown =
    [
        ("libcoreclr.so", ".NET"),
        ("libjvm.so", "the Java virtual machine"),
        ("libpython", "CPython"),
        ("libruby", "Ruby"),
        ("libnode.so", "Node.js"),
    ];

    /// <returns>Null where there is none that is understood; a gap names one that is not.</returns>
    public static IManagedRuntime? Detect(Snapshot snapshot, ModuleMap modules, Limits limits)
    {
        foreach (Module module in modules.Modules)
        {
            foreach ((string prefix, string name) in Unknown)
            {
                if (module.Name.StartsWith(prefix, StringComparison.Ordinal))
                {
                    snapshot.Gaps.Add(
                        "runtime",
                        "runtime-unknown",
                        $"This process runs {name} ({module.Name}), which is not known yet: its threads are shown with their native frames, and what it compiled itself has no names.");
                }
            }
        }

        IReadOnlyList<GoRuntime> found = GoRuntime.OpenAll(snapshot, modules, snapshot.Gaps, limits);
        return found.Count switch
        {
            0 => null,
            1 => found[0],
            _ => new RuntimeGroup(found),
        };
    }

    /// <summary>What the runtimes of a process need of signals, those included of which nothing else is known.</summary>
    public static IReadOnlyList<RuntimeSignals> SignalsOf(IManagedRuntime? runtime, ModuleMap modules) =>
        [.. runtime?.Signals ?? [], .. DotNetSignals.Find(modules) is { } dotnet ? (RuntimeSignals[])[dotnet] : []];
}
